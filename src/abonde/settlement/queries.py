"""What is asked about results. Amounts in cents, instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from abonde.giving.models import Support
from abonde.matching import Cents, Earmark, Pot, PotAllocation, Statement, funder_statements
from abonde.matching.sharing import Shared
from abonde.organisations.models import Organisation
from abonde.payments.models import Payment
from abonde.payments.states import State as PaymentState
from abonde.projects.models import Project
from abonde.rounds import signing
from abonde.rounds.models import Round, SignedText
from abonde.rounds.queries import signers_of
from abonde.settlement.models import Computation, Objection, PotLine, ResultLine, ResultsText, Ruling

UNDECIDED: Final = (PaymentState.CREATED, PaymentState.PENDING, PaymentState.PAID)
"""The payments that may still be settled or fail."""

MOST_AT_ONCE: Final = 50_000
"""Sums of one person for one project that are computed while the page waits."""


def latest(round: Round) -> Computation | None:  # noqa: A002  (the word of the domain)
    """The computation that holds, if there is one."""
    return Computation.objects.filter(round=round).order_by("-number").first()


def computations_of(round: Round) -> list[Computation]:  # noqa: A002
    """Every computation of a round, the newest first."""
    return list(Computation.objects.filter(round=round).order_by("-number"))


def undecided_payments(round: Round) -> QuerySet[Payment]:  # noqa: A002
    """The payments of the round that may still be settled or fail, the oldest first."""
    return Payment.objects.filter(pledge__round=round, state__in=UNDECIDED).order_by("created_at")


def is_large(round: Round) -> bool:  # noqa: A002
    """Whether computing takes long enough to be a job's work."""
    return Support.objects.filter(project__round=round).count() > MOST_AT_ONCE


def results_text_of(computation: Computation) -> SignedText | None:
    """The text of the computation that the trio is asked to sign, once it is written."""
    found = ResultsText.objects.filter(computation=computation).select_related("signed_text").first()
    return found.signed_text if found else None


def missing_signatures(computation: Computation) -> list[Organisation]:
    """Who of the trio has not signed this result yet, with a signature that holds."""
    text, signers = results_text_of(computation), signers_of(computation.round)
    return signers if text is None else signing.missing_signatures(text, signers)


def lines_of(computation: Computation) -> list[ResultLine]:
    """A line per project: most added first, then most received, then by key, as `abonde allocate` lists them."""
    return sorted(_lines(computation), key=lambda line: (-line.matching, -line.received, line.project.key))


def _lines(computation: Computation) -> QuerySet[ResultLine]:
    """The lines with their projects, without the projects' texts: they are long, and nobody reads them here."""
    return computation.lines.select_related("project").only(
        *(field.attname for field in ResultLine._meta.concrete_fields),  # noqa: SLF001  (Django's documented door)
        "project__slug",
        "project__name",
        "project__round_id",
    )


def explanation_of(project: Project) -> ResultLine | None:
    """The line of the project in the computation that holds: its amounts and why."""
    computation = latest(project.round)
    if computation is None:
        return None
    return ResultLine.objects.filter(computation=computation, project=project).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a computation changed for a project; None where a computation did not know it."""

    project: Project
    before: ResultLine | None
    after: ResultLine | None

    @property
    def matching(self) -> Cents:
        """What the fund adds more, or less, in cents."""
        before, after = self.before, self.after
        return Cents((after.matching if after else 0) - (before.matching if before else 0))

    @property
    def received(self) -> Cents:
        """What people gave more, or less, in cents."""
        before, after = self.before, self.after
        return Cents((after.received if after else 0) - (before.received if before else 0))

    @property
    def persons(self) -> int:
        """How many more, or fewer, persons count."""
        before, after = self.before, self.after
        return (after.persons if after else 0) - (before.persons if before else 0)

    @property
    def counted(self) -> Cents:
        """How much more, or less, counts, in cents."""
        before, after = self.before, self.after
        return Cents((after.counted if after else 0) - (before.counted if before else 0))

    @property
    def is_own(self) -> bool:
        """Whether the project's own support changed; else only the sharing did, because others' support changed."""
        return self.before is None or self.after is None or _support(self.before) != _support(self.after)


def _support(line: ResultLine) -> tuple[object, ...]:
    return (line.received, line.persons, line.counted, line.explanation["raw"])


def differences(computation: Computation) -> list[Difference]:
    """The projects that changed from the computation before, the largest change first; none for the first one."""
    before = Computation.objects.filter(round=computation.round_id, number=computation.number - 1).first()
    if before is None:
        return []
    then, now = _by_project(before), _by_project(computation)
    found = []
    for key in then.keys() | now.keys():
        old, new = then.get(key), now.get(key)
        known = new or old
        assert known is not None  # noqa: S101  (the key comes from one of them)
        if old is None or new is None or (*_support(old), old.matching) != (*_support(new), new.matching):
            found.append(Difference(project=known.project, before=old, after=new))
    return sorted(found, key=lambda one: (-abs(one.matching), not one.is_own, one.project.key))


def _by_project(computation: Computation) -> dict[int, ResultLine]:
    return {line.project_id: line for line in _lines(computation)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderStatement:
    """Where one funder's money went in one round, to the cent: `given` = Σ spent + `returned`."""

    computation: Computation
    funder: Organisation
    pots: list[Statement]
    projects: list[tuple[Project, Cents]]
    given: Cents
    returned: Cents
    reached: int


def statements_of(funder: Organisation, round: Round) -> FunderStatement | None:  # noqa: A002
    """The funder's statement by the computation that holds; None before there is one, or without its money."""
    computation = latest(round)
    if computation is None:
        return None
    pots = [
        statement
        for part in shared_pots(computation)
        for statement in funder_statements(part)
        if statement.funder == funder.slug
    ]
    if not pots:
        return None
    spent: dict[str, int] = {}
    for statement in pots:
        for key, cents in statement.spent.items():
            spent[key] = spent.get(key, 0) + cents
    known = {line.project.key: line.project for line in computation.lines.select_related("project")}
    by_amount = sorted(spent, key=lambda key: (-spent[key], key))
    return FunderStatement(
        computation=computation,
        funder=funder,
        pots=pots,
        projects=[(known[key], Cents(spent[key])) for key in by_amount if spent[key]],
        given=Cents(sum(statement.given for statement in pots)),
        returned=Cents(sum(statement.returned for statement in pots)),
        reached=computation.reached.get(funder.slug, 0),
    )


def shared_pots(computation: Computation) -> list[PotAllocation]:
    """The pots of a computation as they were shared out, with the projects that got something, in serving order."""
    by_pot: dict[str, list[tuple[str, int]]] = {}
    for pot, project, cents in PotLine.objects.filter(computation=computation).values_list(
        "pot__key", "project__slug", "cents"
    ):
        by_pot.setdefault(pot, []).append((project, cents))
    return [_shared(written, sorted(by_pot.get(written["key"], []))) for written in computation.pots]


def _shared(written: dict[str, object], added: list[tuple[str, int]]) -> PotAllocation:
    earmark = Earmark(challenge=written["challenge"], place=written["place"])  # type: ignore[arg-type]
    pot = Pot(key=str(written["key"]), funders=written["funders"], earmark=earmark)  # type: ignore[arg-type]
    cents = [amount for _, amount in added]
    shared = Shared(cents, [False] * len(cents), 0, 1, pot.amount - sum(cents))
    return PotAllocation(pot, [key for key, _ in added], [], {}, shared)


def objections_of(round: Round) -> QuerySet[Objection]:  # noqa: A002
    """The objections of a round, the newest first, each with its project and computation."""
    rows = Objection.objects.filter(computation__round=round).select_related("project", "computation")
    return rows.order_by("-raised_at", "-id")


def open_objections(round: Round) -> QuerySet[Objection]:  # noqa: A002
    """The objections that wait for the host's answer."""
    return objections_of(round).filter(state=Ruling.OPEN)
