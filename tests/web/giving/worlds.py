"""What the tests of giving's pages need again and again."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from django.urls import reverse

from abonde.giving.models import Basket, Pledge
from abonde.matching.amounts import Cents
from abonde.matching.rules import PRESETS
from abonde.payments.actions import check_payment, start_payment
from abonde.payments.models import Payment
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.rounds.models import Round
from abonde.sandbox.actions import choose
from abonde.sandbox.states import Choice
from tests.factories import a_person, a_pledge, a_project, a_round, a_voice


def plain_round(*, name: str = "Notre vallée") -> Round:
    """A round whose fund adds from the first supporter on."""
    return a_round(written_rules=PRESETS["plain"].to_mapping(), name=name)


@dataclass(frozen=True)
class Given:
    """Somebody who pledged 10 and 25 euros to two projects, and began to pay through the sandbox."""

    round: Round
    person: Person
    projects: list[Project]
    pledge: Pledge
    payment: Payment

    def at_provider(self, choice: Choice) -> Payment:
        """Choose something on the provider's page, and let the platform hear of it."""
        self.payment.refresh_from_db()
        choose(checkout_id=self.payment.reference, choice=choice)  # type: ignore[arg-type]
        return check_payment(payment_id=self.payment.pk)


def given(*, voice: bool = True, round_: Round | None = None) -> Given:
    """A payment that is begun."""
    found, person = round_ or plain_round(), a_person()
    if voice:
        a_voice(person, found)
    projects = [a_project(found), a_project(found, name="Grainothèque")]
    pledge = a_pledge(person, {projects[0]: 1000, projects[1]: 2500})
    return Given(found, person, projects, pledge, start_payment(pledge=pledge).payment)


def settled(*, voice: bool = True) -> Given:
    """A payment that is settled."""
    made = given(voice=voice)
    made.at_provider(Choice.PAY)
    return made


def filled(client: Client, round_: Round, cents: int = 1000) -> Project:
    """Put a project of the round into the browser's basket."""
    project = a_project(round_)
    client.post(reverse("basket-put", args=[round_.slug, project.slug]), {"suggested": str(Cents(cents))})
    return project


def check_out(client: Client, round_: Round, **changed: object) -> str:
    """Press the button as the page shows it, and say where that leads."""
    basket = Basket.objects.filter(round=round_).latest("created_at")
    seen = {"basket": basket.pk, "version": basket.version, **changed}
    response = client.post(reverse("basket-checkout", args=[round_.slug]), seen)
    assert response.status_code == 302
    return here(response.headers["Location"])


def here(address: str) -> str:
    """An address of this installation without its host; any other fails."""
    parts = urlsplit(address)
    assert not parts.netloc or f"{parts.scheme}://{parts.netloc}" == settings.PUBLIC_URL
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
