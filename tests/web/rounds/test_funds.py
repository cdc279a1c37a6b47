"""What funders bring, as a list of their host's: sorted, with what has come in, and taken away."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from abonde.funds.actions import propose_agreement, receive_instalment, sign_agreement
from abonde.funds.models import Agreement, Instalment
from abonde.matching import Cents
from abonde.organisations.models import Role
from abonde.people.models import Person
from tests.factories import a_round, an_agent, the_manager

QUERIES = 15
"""What the page of a fund asks, however many agreements there are."""


def browser_of(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def test_a_host_sees_what_has_come_in_and_what_is_due(
    database: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    found = a_round(fund=1_000_000)
    whole = Agreement.objects.select_related("pot", "funder").get(pot__fund__round=found)
    director, funder = the_manager(found.host), the_manager(whole.funder)
    receive_instalment(person=director, instalment_id=whole.instalments.get().pk)
    parts = [(Cents(100_000), date(2031, 5, 1)), (Cents(200_000), date(2031, 9, 1))]
    halves = propose_agreement(
        person=director, pot=whole.pot, funder=whole.funder, amount=Cents(300_000), instalments=parts
    )
    sign_agreement(person=funder, agreement_id=halves.pk)
    first = Instalment.objects.get(agreement=halves, due_on=date(2031, 5, 1))
    receive_instalment(person=director, instalment_id=first.pk)
    wish = propose_agreement(person=funder, pot=whole.pot, funder=whole.funder, amount=Cents(2_000_000))
    reader = browser_of(an_agent(found.host, Role.READER))
    room = reverse("fund", args=[found.host.slug, found.slug])

    def listed(**asked: str) -> list[int]:
        page = reader.get(room, asked).content.decode()
        return [int(key) for key in re.findall(r'name="choix" value="(\d+)"', page)]

    assert listed() == [wish.pk, whole.pk, halves.pk], "the greatest first"
    assert listed(tri="-received") == [whole.pk, halves.pk, wish.pk]
    assert listed(tri="due")[0] == halves.pk
    file = reader.get(room, {"fichier": "tout"}).content.decode()
    head, *rows = list(csv.reader(io.StringIO(file)))
    assert head == ["funder", "pot", "amount", "received", "due", "state"]
    assert [row[2:] for row in rows] == [
        ["2000000", "0", "", "proposed"],
        ["1000000", "1000000", "", "signed"],
        ["300000", "100000", "2031-09-01", "signed"],
    ]
    with django_assert_max_num_queries(QUERIES):
        reader.get(room)
    own = browser_of(funder).get(reverse("fund", args=[whole.funder.slug, found.slug])).content.decode()
    assert "choix" not in own, "a funder has a few agreements, each with its pot"
    assert whole.pot.name in own
