"""The world in which every address of the platform is asked for by everyone."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final

from django.db.transaction import atomic, set_rollback
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from abonde.demonstration.models import DemonstrationAccount
from abonde.funds.models import Agreement, Instalment
from abonde.giving.models import Pledge
from abonde.identities.accounts import new_subject_key
from abonde.identities.models import Kind as KindOfProvider
from abonde.identities.models import Provider
from abonde.matching.amounts import Cents
from abonde.organisations.actions import invite
from abonde.organisations.models import Kind, Membership, Organisation, Role
from abonde.payments.models import Payment
from abonde.payments.provider import Report, Standing
from abonde.payments.settling import take_report
from abonde.people.models import Person
from abonde.projects.models import Project, Question, Update
from abonde.register.actions import claim_own_voice
from abonde.register.claims import claim_entry
from abonde.register.counter import ask_two_officials, decide, propose
from abonde.register.identity import read_pivot
from abonde.register.importing import bring_file
from abonde.register.importing_file import sealed_pieces
from abonde.register.mailing import bring_addresses
from abonde.register.models import Strategy
from abonde.rounds.models import Party, Round
from abonde.rounds.states import State
from abonde.sandbox.models import Checkout
from abonde.settlement.actions import compute_result, raise_objection
from tests.factories import (
    a_person,
    a_pledge,
    a_project,
    a_register,
    a_round,
    an_agent,
    an_organisation,
    the_manager,
    unique,
)

ANONYMOUS: Final = "anonymous"
ROUNDS_OF: Final = {
    "result": "provisional",
    "objection": "provisional",
    "funder-statement": "provisional",
    "round-identity": "draft",
    "round-territory": "draft",
    "round-challenges": "draft",
    "round-calendar": "draft",
    "round-matching": "draft",
    "round-register": "draft",
    "round-trio": "draft",
    "round-party": "draft",
    "round-answer": "draft",
    "round-leave": "draft",
    "round-signatures": "draft",
    "round-open": "draft",
    "round-cancel": "draft",
    "sign-rules": "draft",
    "application-start": "applications",
}
"""Which of the world's rounds an address is about, by how its name begins; the others are about the one that gives."""

STATES: Final = {
    "giving": State.GIVING,
    "draft": State.DRAFT,
    "applications": State.APPLICATIONS,
    "provisional": State.CLOSED,
}
"""Where each of the world's rounds stands, before the last one's result is computed."""

LOGIN_PROVIDER: Final = (
    "workspace-provider",
    "workspace-provider-test",
    "workspace-provider-off",
    "workspace-provider-on",
    "identity-begin",
    "identity-link",
    "identity-unlink",
    "identity-voice",
)
"""Addresses that name a provider of log-ins; the others name one of payments."""

ABOUT_A_FILE: Final = (
    "register-import",
    "register-import-confirm",
    "register-import-discard",
    "register-import-resume",
    "register-import-faults",
)
ABOUT_LETTERS: Final = ("mailing", "mailing-codes", "mailing-discard", "mailing-addresses", "mailing-letters")

Rows = dict[tuple[str, str, str], dict[str, str]]


@dataclass
class World:
    """People by what they are, organisations by what they do for the round, and a value for each part of an address."""

    people: dict[str, Person]
    organisations: dict[str, Organisation]
    rounds: dict[str, Round]
    parts: dict[str, Any]
    special: dict[str, dict[str, Any]]
    cookies: dict[str, SimpleCookie] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """A fresh browser in which that person is logged in: what a page did to an earlier one is forgotten."""
        client = Client(raise_request_exception=False)
        if who != ANONYMOUS:
            if who not in self.cookies:
                client.force_login(self.people[who])
                self.cookies[who] = client.cookies
            client.cookies = SimpleCookie(self.cookies[who].output(header="", sep=";"))
        return client


def a_world() -> World:
    """A host with a round in each state that matters here, its trio, a holder, a giver; and another host."""
    host, other = an_organisation(Kind.HOST), an_organisation(Kind.HOST)
    trio = {kind: an_organisation(kind) for kind in (Kind.CERTIFIER, Kind.FUNDER)}
    rounds = {
        name: a_round(host=host, state=state, certifier=trio[Kind.CERTIFIER], funder=trio[Kind.FUNDER])
        for name, state in STATES.items()
    }
    giving = rounds["giving"]
    people = {
        "stranger": a_person(),
        "giver": a_person(),
        "holder": a_person(),
        "host manager": the_manager(host),
        "host reviewer": an_agent(host, Role.REVIEWER),
        "host treasurer": an_agent(host, Role.TREASURER),
        "host reader": an_agent(host, Role.READER),
        "host manager without second factor": an_agent(host, Role.MANAGER, second_factor=False),
        "certifier manager": the_manager(trio[Kind.CERTIFIER]),
        "certifier registrar": an_agent(trio[Kind.CERTIFIER], Role.REGISTRAR),
        "funder manager": the_manager(trio[Kind.FUNDER]),
        "funder reader": an_agent(trio[Kind.FUNDER], Role.READER),
        "other host manager": the_manager(other),
    }
    project = a_project(giving, holder=people["holder"])
    a_project(rounds["provisional"])
    compute_result(round=rounds["provisional"], reason="First.")
    pledge, payment = _paid(people["giver"], project)
    objection = raise_objection(person=people["giver"], round=rounds["provisional"], text="Look again.")
    invitation = invite(
        person=people["host manager"], organisation=host, email="new@example.org", role=Role.READER
    )
    account = DemonstrationAccount.objects.create(
        person=a_person(), title="Somebody", address="/", position=0
    )
    question = Question.objects.create(project=project, author=people["giver"], body="Where?")
    update = Update.objects.create(project=project, author=people["holder"], title="News", body="Good ones.")
    agreement = Agreement.objects.filter(pot__fund__round=giving)[0]
    checkout = Checkout.objects.create(
        merchant_reference=str(payment.pk),
        label="Gifts",
        amount=payment.amount,
        return_address="http://127.0.0.1:8000/",
        notice_address="http://127.0.0.1:8000/",
    )
    forum = Provider.objects.create(
        organisation=host,
        slug=unique("forum"),
        kind=KindOfProvider.DISCOURSE,
        label="Forum",
        issuer="http://127.0.0.1:9",
        secret_variable="ABONDE_LOGIN_NEVER_SET",
        sealed_key=new_subject_key(),
    )
    register = a_register(trio[Kind.CERTIFIER], strategy=Strategy.CERTIFIED)
    registrar = people["certifier registrar"]
    file = list(
        sealed_pieces(io.BytesIO("Nom de naissance;Prénoms;Date de naissance\nPetit;Léa;1980\n".encode()))
    )
    underway = bring_file(person=registrar, register=register, pieces=file)
    letters = bring_addresses(person=registrar, register=register, pieces=file)
    ask_two_officials(person=the_manager(trio[Kind.CERTIFIER]), register=register, two=True)
    register.refresh_from_db()
    proposal = propose(
        person=registrar,
        register=register,
        pivot=read_pivot("Noir", "Ana", "1970"),
        proof="Bail",
        reason="Ici",
    )
    added = propose(
        person=registrar,
        register=register,
        pivot=read_pivot("Roux", "Tom", "1975"),
        proof="Bail",
        reason="Ici",
    )
    decide(person=the_manager(trio[Kind.CERTIFIER]), proposal=added, accept=True)
    added.refresh_from_db()
    assert added.entry is not None
    voice = claim_entry(person=a_person(), entry=added.entry, method="counter")
    parts: dict[str, Any] = {
        "slug": project.slug,
        "pk": project.pk,
        "membership": Membership.objects.get(person=people["host reader"]).pk,
        "invitation": invitation.pk,
        "token": "no-such-token",
        "party": Party.objects.filter(round=rounds["draft"])[0].pk,
        "sha256": "0" * 64,
        "checkout": checkout.pk,
        "person": account.pk,
        "pledge_id": pledge.pk,
        "payment_id": payment.pk,
        "number": 1,
        "file_pk": 1,
        "update_pk": update.pk,
        "question_pk": question.pk,
        "size": "small",
        "provider": "sandbox",
        "register": register.pk,
        "proposal": proposal.pk,
        "position": 1,
        "certificate": 1,
    }
    special: dict[str, dict[str, Any]] = {
        "pot": {"pk": agreement.pot_id},
        "agreement": {"pk": agreement.pk},
        "agreement-cancel": {"pk": agreement.pk},
        "instalment-received": {"pk": Instalment.objects.filter(agreement=agreement)[0].pk},
        "instalment-returned": {"pk": Instalment.objects.filter(agreement=agreement)[0].pk},
        **{name: {"number": underway.pk} for name in ABOUT_A_FILE},
        **{name: {"number": letters.pk} for name in ABOUT_LETTERS},
        "voice-revoke": {"pk": voice.pk},
        "objection-answer": {"pk": objection.pk},
        **{name: {"provider": forum.slug} for name in LOGIN_PROVIDER},
        "result-explanation": {"slug": Project.objects.get(round=rounds["provisional"]).slug},
    }
    return World(
        people=people,
        organisations={"host": host, "certifier": trio[Kind.CERTIFIER], "funder": trio[Kind.FUNDER]},
        rounds=rounds,
        parts=parts,
        special=special,
    )


def asked(world: World) -> Rows:
    """What everybody is answered at every address: a row per method, name and organisation whose workspace it is."""
    rows: Rows = {}
    for pattern in addresses():
        for kind, address in addresses_of(world, pattern):
            for method in ("GET", "POST"):
                rows[method, str(pattern.name), kind] = {
                    who: _answer(world.client(who), method, address) for who in (ANONYMOUS, *world.people)
                }
    return rows


def addresses() -> Iterator[URLPattern]:
    """Every address of the platform, files aside, by name."""
    yield from _walk(get_resolver().url_patterns)


def _walk(patterns: list[Any]) -> Iterator[URLPattern]:
    for one in patterns:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from _walk(one.url_patterns)


def addresses_of(world: World, pattern: URLPattern) -> Iterator[tuple[str, str]]:
    name = str(pattern.name)
    wanted = pattern.pattern.converters
    which = next((state for start, state in ROUNDS_OF.items() if name.startswith(start)), "giving")
    parts: Mapping[str, Any] = {
        **world.parts,
        "round_slug": world.rounds[which].slug,
        **world.special.get(name, {}),
    }
    kinds = world.organisations if "org" in wanted else {"": None}
    for kind, organisation in kinds.items():
        values = {key: organisation.slug if key == "org" and organisation else parts[key] for key in wanted}
        yield kind, reverse(name, kwargs=values)


def _answer(client: Client, method: str, address: str) -> str:
    """The status, with where a redirection to the log-in leads; whatever was done is undone."""
    with atomic():
        response = client.get(address) if method == "GET" else client.post(address)
        set_rollback(True)
    location = response.headers.get("Location", "")
    return "login" if location.startswith(reverse("account_login")) else str(response.status_code)


def _paid(giver: Person, project: Project) -> tuple[Pledge, Payment]:
    assert project.round.register is not None
    claim_own_voice(giver, project.round.register)
    pledge = a_pledge(giver, {project: 1000})
    payment = Payment.objects.create(
        pledge=pledge, provider="sandbox", amount=pledge.amount, reference="matrix-" + str(pledge.pk)
    )
    take_report(payment_id=payment.pk, report=Report(standing=Standing.SETTLED, amount=Cents(pledge.amount)))
    return pledge, payment
