"""Deleting an account, read afterwards in every table: the claimed entry and the accounting stay, and nothing else."""

from __future__ import annotations

import json
from typing import Final

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test import Client

from abonde.core.models import Event
from abonde.giving.models import Contribution, Pledge, Support
from abonde.identities.accounts import link_identity
from abonde.identities.attempts import leave
from abonde.identities.models import Identity, Kind
from abonde.identities.proof import Proof
from abonde.notifications.actions import send_letter
from abonde.organisations.models import Membership, Role
from abonde.payments.models import Notice, Payment
from abonde.people import personal_data
from abonde.people.actions import delete_account
from abonde.people.models import Person, Session
from abonde.register.counter import number_for
from abonde.register.models import Certificate, CounterNumber
from abonde.web.information.processing import PROCESSINGS
from tests.factories import (
    a_person,
    a_project,
    a_round,
    a_settled_gift,
    an_organisation,
    unique,
    with_second_factor,
)
from tests.peers.visitor import a_provider

STAYS: Final = {
    "people.Person",
    "core.Event",
    "notifications.Letter",
    "organisations.Membership",
    "giving.Pledge",
    "giving.Support",
    "payments.Payment",
    "payments.Notice",
    "register.Certificate",
    "register.Entry",
}
"""Tables in which the random number may be found afterwards."""


@pytest.fixture
def person(database: None) -> Person:
    """Somebody who did nearly everything that one can do here."""
    word = unique("xylo")
    made = with_second_factor(a_person(name=f"Wilhelmine {word}", email=f"{word}@example.org"))
    Client().force_login(made, settings.AUTHENTICATION_BACKENDS[0])
    provider = a_provider(Kind.OPENID, "https://sso.example.org")
    link_identity(
        person=made, proof=Proof(provider=provider, subject=unique("xylo-sub"), next="", linking=made)
    )
    leave(provider=provider, browser="browser", next="", linking=made)
    round_ = a_round()
    a_settled_gift(a_project(round_), 2_500, person=made)
    pledge = Pledge.objects.get(person=made)
    payment = Payment.objects.create(pledge=pledge, provider="sandbox", amount=pledge.amount)
    body = json.dumps({"billing_details": {"name": made.name, "email": made.email}})
    Notice.objects.create(provider="sandbox", event_id=unique("event"), body=body, payment=payment)
    assert round_.register is not None
    Membership.objects.create(person=made, organisation=an_organisation(), role=Role.READER)
    number_for(made)
    send_letter(kind="security_change", person=made, values={"change": "webauthn_added"})
    return made


def rows_with(text: str) -> dict[str, int]:
    """In which tables the text stands in any column, and in how many rows."""
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{text}%"])
            if (number := cursor.fetchone()[0]) > 0:
                found[model._meta.label] = number
    return found


def test_the_world_is_full_before(person: Person) -> None:
    """Or the tests below would find nothing for want of anything."""
    assert set(rows_with(person.name.split()[1])) >= {
        "people.Person",
        "account.EmailAddress",
        "payments.Notice",
    }
    told = {table for one in PROCESSINGS for table in one.tables}
    assert {"giving.Pledge", "identities.Identity", "register.CounterNumber"} <= set(
        rows_with(str(person.pk))
    ) & told


def test_neither_name_nor_address_stays_in_any_table(person: Person) -> None:
    striking = person.name.split()[1]
    delete_account(person=person)
    assert rows_with(striking) == {}


def test_the_random_number_stays_only_with_what_must_stay(person: Person) -> None:
    delete_account(person=person)
    with_dashes, without = rows_with(str(person.pk)), rows_with(person.pk.hex)
    jobs = {"procrastinate.ProcrastinateJob"}
    assert set(with_dashes) | set(without) <= STAYS | jobs
    for model in (EmailAddress, Authenticator):
        assert not model.objects.filter(user_id=person.pk).exists()
    assert not Session.objects.filter(person=person).exists()
    assert not Identity.objects.filter(person=person).exists()
    assert not CounterNumber.objects.filter(person=person).exists()


def test_claimed_entry_and_accounting_stay(person: Person) -> None:
    def kept() -> list[object]:
        return [
            list(Certificate.objects.filter(person=person).values("entry", "revoked_at")),
            list(Contribution.objects.filter(pledge__person=person).values("amount", "state")),
            list(Support.objects.filter(person=person).values("project_id")),
            Event.objects.filter(actor=person.actor, verb="log_in").count(),
        ]

    before = kept()
    delete_account(person=person)
    assert kept() == before
    assert before[1]


def test_the_export_is_complete(person: Person) -> None:
    """All that can be found by the person's number is in the file, in some words."""
    exported = json.loads(json.dumps(personal_data.export(person), cls=DjangoJSONEncoder))
    assert exported["account"]["name"] == person.name
    for key in ("ways_in", "identities", "letters", "events", "memberships", "gifts"):
        assert exported[key], key
