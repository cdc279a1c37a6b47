"""Rounds in PostgreSQL as plain data says: the smallest world in which a result can be computed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_bytes

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db.transaction import atomic

from abonde import matching
from abonde.core.clock import present_time
from abonde.core.sealing import seal
from abonde.funds.models import Agreement, AgreementState, Fund, Pot
from abonde.giving.models import Contribution, ContributionState, Pledge, Support
from abonde.ledger.actions import open_account, open_book, post
from abonde.ledger.models import Account, Book, Kind
from abonde.matching import Cents, Gift, Rules
from abonde.organisations.models import Kind as OrganisationKind
from abonde.organisations.models import Membership, Organisation, Role
from abonde.organisations.signing import make_key
from abonde.payments.models import Payment
from abonde.people.models import Person
from abonde.projects.models import Holder, Project
from abonde.projects.states import State as ProjectState
from abonde.register.models import Register
from abonde.rounds.models import Challenge, Party, Round
from abonde.rounds.states import State


@dataclass(frozen=True)
class Plan:
    """A round as the mechanism knows it. Every project needs a need; funders' names are made unique in the world."""

    gifts: Sequence[Gift]
    projects: Sequence[matching.Project]
    pots: Sequence[matching.Pot]
    rules: Rules


@dataclass
class World:
    """A closed round with its trio. `plan` says the same with the names that stand in the database."""

    round: Round
    plan: Plan
    host: Organisation
    manager: Person
    certifier: Organisation
    funders: dict[str, Organisation]
    projects: dict[str, Project]
    people: dict[str, Person]
    book: Book
    agents: dict[int, Person] = field(default_factory=dict)

    def agent(self, organisation: Organisation, role: Role = Role.MANAGER) -> Person:
        """The manager of an organisation of the trio, or somebody new in another role."""
        if role == Role.MANAGER and organisation.pk in self.agents:
            return self.agents[organisation.pk]
        return an_agent(organisation, role)

    def allocation(self) -> matching.Allocation:
        """What the pure reference makes of the same round."""
        plan = self.plan
        return matching.allocate(
            projects=plan.projects,
            tally=matching.tally_gifts(plan.gifts, plan.rules),
            pots=matching.reaching(plan.pots, plan.projects),
            rules=plan.rules,
        )

    def end_objections(self) -> None:
        """The time for objections passes."""
        self.round.refresh_from_db()
        Round.objects.filter(pk=self.round.pk).update(objections_close_at=present_time())
        self.round.refresh_from_db()

    def take_back(self, person: str, project: str) -> None:
        """A charge-back of all that a person gave to a project."""
        with atomic():
            Contribution.objects.filter(
                pledge__person=self.people[person], project=self.projects[project]
            ).update(state=ContributionState.CHARGED_BACK)
            Support.objects.filter(person=self.people[person], project=self.projects[project]).update(cents=0)

    def pay_late(self, person: str, cents: int) -> Payment:
        """A payment that nobody knows yet to have come."""
        pledge = Pledge.objects.filter(round=self.round, person=self.people[person]).get()
        return Payment.objects.create(pledge=pledge, provider="sandbox", amount=cents)


def a_person() -> Person:
    return Person.objects.create(email=f"{uuid.uuid4().hex}@example.org", name="Camille")


def an_agent(organisation: Organisation, role: Role = Role.MANAGER) -> Person:
    person = a_person()
    Membership.objects.create(person=person, organisation=organisation, role=role)
    TOTP.activate(person, generate_totp_secret())
    return person


def an_organisation(kind: OrganisationKind, slug: str | None = None) -> Organisation:
    slug = slug or f"{kind}-{uuid.uuid4().hex[:12]}"
    organisation = Organisation.objects.create(kind=kind, slug=slug, name=slug.title())
    make_key(organisation)
    return organisation


@atomic
def build(plan: Plan) -> World:
    """Write the plan down, from the draft to the close an hour ago, with its money in the book."""
    world = open_world(plan)
    world.people.update(_gifts(world.round, world.projects, plan.gifts))
    Round.objects.filter(pk=world.round.pk).update(state=State.CLOSED)
    world.round.refresh_from_db()
    return world


@atomic
def open_world(plan: Plan) -> World:
    """The same without the gifts, while the round still takes them."""
    mark = uuid.uuid4().hex[:12]
    plan = Plan(plan.gifts, plan.projects, _named_apart(plan.pots, mark), plan.rules)
    host = an_organisation(OrganisationKind.HOST)
    certifier = an_organisation(OrganisationKind.CERTIFIER)
    funders = {
        slug: an_organisation(OrganisationKind.FUNDER, slug)
        for slug in sorted({funder for pot in plan.pots for funder in pot.funders})
    }
    round_ = _draft(host, certifier, plan, mark)
    book = open_book(actor=None, key=round_.slug, title="Fonds")
    world = World(round_, plan, host, an_agent(host), certifier, funders, _projects(round_, plan), {}, book)
    world.agents[host.pk] = world.manager
    for organisation in (certifier, *funders.values()):
        Party.objects.create(round=round_, organisation=organisation, accepted_at=present_time())
        world.agents[organisation.pk] = an_agent(organisation)
    _fund(world)
    for state in (State.APPLICATIONS, State.GIVING):
        Round.objects.filter(pk=round_.pk).update(state=state)
    return world


def _named_apart(pots: Iterable[matching.Pot], mark: str) -> list[matching.Pot]:
    return [
        matching.Pot(
            key=pot.key,
            funders={f"{funder}-{mark}": cents for funder, cents in pot.funders.items()},
            earmark=pot.earmark,
        )
        for pot in pots
    ]


def _draft(host: Organisation, certifier: Organisation, plan: Plan, mark: str) -> Round:
    now = present_time()
    register = Register.objects.create(
        strategy="community", name="Habitants", owner=certifier, sealed_key=seal(token_bytes(32))
    )
    round_ = Round.objects.create(
        host=host,
        slug=f"round-{mark}",
        name="Les communs de la vallée",
        register=register,
        giving_opens_at=now - timedelta(days=30),
        giving_closes_at=now - timedelta(hours=1),
        written_rules=plan.rules.to_mapping(),
        smallest_gift=100,
        largest_gift=1_000_000,
    )
    wanted = {one.challenge for one in plan.projects} | {pot.earmark.challenge for pot in plan.pots}
    Challenge.objects.bulk_create(
        Challenge(round=round_, key=key, name=key.title()) for key in sorted(filter(None, wanted))
    )
    return round_


def _projects(round_: Round, plan: Plan) -> dict[str, Project]:
    challenges = {challenge.key: challenge for challenge in Challenge.objects.filter(round=round_)}
    rows = Project.objects.bulk_create(
        Project(
            round=round_,
            slug=one.key,
            name=one.name or one.key,
            summary="s",
            story="s",
            challenge=challenges[one.challenge] if one.challenge else None,
            place=one.place or "",
            need_minimum=1,
            need_ideal=one.need,
            submitted_at=present_time(),
            selected_at=present_time(),
        )
        for one in plan.projects
    )
    for state in (ProjectState.SUBMITTED, ProjectState.ADMITTED, ProjectState.SELECTED):
        Project.objects.filter(round=round_).update(state=state)
    Holder.objects.bulk_create(Holder(project=row, person=a_person()) for row in rows)
    return {row.slug: row for row in Project.objects.filter(round=round_)}


def _gifts(round_: Round, projects: Mapping[str, Project], gifts: Iterable[Gift]) -> dict[str, Person]:
    given: dict[tuple[str, str], tuple[int, bool]] = {}
    for gift in gifts:
        cents, _ = given.get((gift.person, gift.project), (0, True))
        given[gift.person, gift.project] = (cents + gift.cents, gift.eligible)
    people = {name: Person(name=name) for name in sorted({name for name, _ in given})}
    Person.objects.bulk_create(people.values())
    pledges = {
        name: Pledge(
            round=round_,
            person=person,
            amount=sum(cents for (giver, _), (cents, _) in given.items() if giver == name),
            pledged_at=present_time() - timedelta(days=1),
        )
        for name, person in people.items()
    }
    Pledge.objects.bulk_create(pledges.values())
    Contribution.objects.bulk_create(
        Contribution(pledge=pledges[name], project=projects[key], amount=cents)
        for (name, key), (cents, _) in given.items()
    )
    Contribution.objects.filter(pledge__round=round_).update(
        state=ContributionState.SETTLED, settled_at=present_time()
    )
    Support.objects.bulk_create(
        Support(project=projects[key], person=people[name], cents=cents, eligible=eligible)
        for (name, key), (cents, eligible) in given.items()
    )
    return people


def _fund(world: World) -> None:
    fund = Fund.objects.create(round=world.round, name="Fonds", book=world.book)
    bank = open_account(actor=None, book=world.book, key="bank", title="Banque", kind=Kind.BANK)
    for key in world.projects:
        open_account(actor=None, book=world.book, key=f"project:{key}", title=key, kind=Kind.PROJECT)
    challenges = {challenge.key: challenge for challenge in Challenge.objects.filter(round=world.round)}
    for pot in world.plan.pots:
        account = open_account(
            actor=None,
            book=world.book,
            key=f"pot:{pot.key}",
            title=pot.key,
            kind=Kind.POT,
            never_negative=True,
        )
        row = Pot.objects.create(
            fund=fund,
            key=pot.key,
            name=pot.key,
            challenge=challenges[pot.earmark.challenge] if pot.earmark.challenge else None,
            place=pot.earmark.place or "",
            account=account,
        )
        for slug, cents in pot.funders.items():
            signer = world.agents[world.funders[slug].pk]
            agreement = Agreement.objects.create(
                pot=row, funder=world.funders[slug], amount=cents, proposed_by=signer
            )
            Agreement.objects.filter(pk=agreement.pk).update(
                state=AgreementState.SIGNED, signed_by=signer, signed_at=present_time()
            )
        fill(world.book, bank, account, pot.amount)


def fill(book: Book, bank: Account, account: Account, cents: int) -> None:
    if cents:
        post(
            actor=None,
            book=book,
            kind="instalment",
            sentence="versement",
            idempotency_key=uuid.uuid4().hex,
            postings={bank: Cents(cents), account: Cents(-cents)},
        )
