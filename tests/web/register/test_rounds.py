"""A certified register from its opening to the gift that counts: certifier, host and inhabitant, each on their pages."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from abonde.core.clock import present_time
from abonde.giving.queries import person_gifts_rows
from abonde.organisations.models import Kind, Role
from abonde.register.codes import make_code
from abonde.register.identity import read_pivot
from abonde.register.models import Register
from abonde.register.search import find_entries
from abonde.rounds.models import Round
from abonde.rounds.rules_text import rules_text
from abonde.rounds.states import State
from tests.domain.register.test_importing import TITLES, brought, confirmed
from tests.factories import (
    a_person,
    a_project,
    a_round,
    a_settled_gift,
    an_agent,
    an_organisation,
    the_manager,
)
from tests.web.giving.conftest import Browser

pytestmark = pytest.mark.usefixtures("database")


def opened_by(client: Client, certifier: str) -> Register:
    response = client.post(
        reverse("register-open", args=[certifier]), {"name": "Habitants de Die"}, follow=True
    )
    assert response.status_code == HTTPStatus.OK
    return Register.objects.get(owner__slug=certifier, name="Habitants de Die")


def test_a_round_counts_the_voices_of_the_register_that_its_certifier_filled(browser: Browser) -> None:
    certifier = an_organisation(Kind.CERTIFIER)
    round_ = a_round(state=State.DRAFT, certifier=certifier)
    register = opened_by(browser(the_manager(certifier)), certifier.slug)
    confirmed(brought(register, f"{TITLES}Lefèvre;Zoé;12/03/1990;26113;1\n"))

    step = reverse("round-register", args=[round_.host.slug, round_.slug])
    host = browser(the_manager(round_.host))
    assert "Habitants de Die – A voice belongs to one real inhabitant" in host.get(step).content.decode()
    response = host.post(step, {"register": register.pk, "version": round_.version}, follow=True)
    assert response.status_code == HTTPStatus.OK
    round_.refresh_from_db()
    assert round_.register == register
    assert "Habitants de Die" in rules_text(round_).text

    now = present_time()
    Round.objects.filter(pk=round_.pk).update(
        state=State.APPLICATIONS,
        applications_open_at=now - timedelta(days=30),
        applications_close_at=now - timedelta(days=20),
        giving_opens_at=now - timedelta(days=10),
    )
    Round.objects.filter(pk=round_.pk).update(state=State.GIVING)
    round_.refresh_from_db()
    project, inhabitant = a_project(round_), a_person()
    a_settled_gift(project, 500, voice=False)
    (entry,) = find_entries(register, read_pivot("LEFEVRE", "Zoé", "1990-03-12"))
    code = make_code(entry=entry, made_by=an_agent(certifier, Role.REGISTRAR))
    answer = browser(inhabitant).post(reverse("my-voice-code"), {"code": code}, follow=True)
    assert "your voice counts" in answer.content.decode().lower()
    a_settled_gift(project, 1000, person=inhabitant, voice=False)
    assert sorted((cents, counts) for *_, cents, counts in person_gifts_rows(round_)) == [
        (500, False),
        (1000, True),
    ]
