"""What a draft still lacks, step by step: the host's checklist, and what opening asks again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from abonde.core.clock import present_time
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal, Refusals
from abonde.organisations.models import Kind, Organisation
from abonde.register.models import Strategy
from abonde.rounds.announcing import needed_to_open
from abonde.rounds.calendar import lacking, too_late
from abonde.rounds.models import Party, Round
from abonde.rounds.queries import parties_of, signers_of
from abonde.rounds.rules import calendar_of
from abonde.rounds.rules_text import current_text
from abonde.rounds.signing import missing_signatures


class NotReady(Refusals, NotNow):
    """The round cannot open, or its rules be signed, before all this is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of setting a round up; `lacking` says what is still to be done.

    It is `wrong` where that is because what was written does not hold any more.
    """

    key: str
    lacking: tuple[Refusal, ...] = ()
    optional: bool = False
    wrong: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing is left to do here."""
        return not self.lacking and not self.optional


def next_steps(round: Round) -> list[Step]:  # noqa: A002  (the word of the domain)
    """Every step on the way from a new draft to its opening, in the order in which they are best done."""
    written = written_steps(round)
    ready = not any(step.lacking for step in written)
    return [*written, Step(key="signatures", lacking=tuple(_signing(round, ready=ready)))]


def written_steps(round: Round) -> list[Step]:  # noqa: A002
    """The steps that come before the text can be signed."""
    parties = list(parties_of(round))
    register = tuple(_register(round, parties))
    fund = tuple(refusal for ask in needed_to_open for refusal in ask(round))
    has_passed = any(True for _refusal in too_late(calendar_of(round), present_time()))
    return [
        Step(key="identity", lacking=tuple(_identity(round))),
        Step(key="territory", lacking=() if round.territory else (Refusal("Choose the territory."),)),
        Step(key="challenges", optional=not round.challenges.exists()),
        Step(key="calendar", lacking=tuple(_calendar(round)), wrong=has_passed),
        Step(key="rules"),
        Step(key="trio", lacking=tuple(_trio(parties))),
        Step(key="register", lacking=register, wrong=bool(register and round.register)),
        Step(key="fund", lacking=fund),
    ]


def require_written(round: Round) -> None:  # noqa: A002
    """Raises NotReady with all that is lacking before the rules can be signed."""
    found = [refusal for step in written_steps(round) for refusal in step.lacking]
    if found:
        raise NotReady(found)


def _identity(round: Round) -> Iterator[Refusal]:  # noqa: A002
    if not round.summary:
        yield Refusal("Say in a sentence what the round is about.")


def _calendar(round: Round) -> Iterator[Refusal]:  # noqa: A002
    calendar = calendar_of(round)
    yield from lacking(calendar)
    yield from too_late(calendar, present_time())


def _trio(parties: list[Party]) -> Iterator[Refusal]:
    kinds = {party.organisation.kind for party in parties if party.accepted_at is not None}
    if Kind.CERTIFIER not in kinds:
        yield Refusal("Invite the certifier; it has to accept.")
    if Kind.FUNDER not in kinds:
        yield Refusal("Invite at least one funder; it has to accept.")
    for party in parties:
        if party.accepted_at is None and kinds >= {Kind.CERTIFIER, Kind.FUNDER}:
            yield Refusal(
                "{organisation} has not answered the invitation: wait, or take it back.",
                organisation=party.organisation.name,
            )


def _register(round: Round, parties: list[Party]) -> Iterator[Refusal]:  # noqa: A002
    owners = {round.host_id, *(party.organisation_id for party in parties)}
    if round.register is None:
        yield Refusal("Choose the register: it says whose voices are matched.")
    elif round.register.owner_id not in owners:
        yield Refusal("The register belongs to nobody in the trio any more: choose another one.")
    elif (
        round.register.strategy == Strategy.COMMUNITY
        and not round.register.issuers.filter(enabled=True).exists()
    ):
        yield Refusal("None of the log-in providers that the register trusts is switched on: switch one on.")


def _signing(round: Round, *, ready: bool) -> Iterator[Refusal]:  # noqa: A002
    text = current_text(round)
    if text is None:
        if ready:
            yield Refusal("Write the text of the rules, for the trio to sign.")
        else:
            yield Refusal("The text of the rules can be written once the other steps are done.")
        return
    for organisation in missing_signatures(text, signers_of(round)):
        yield unsigned(organisation)


def unsigned(organisation: Organisation) -> Refusal:
    """That an organisation has not signed yet."""
    return Refusal("{organisation} has not signed the rules yet.", organisation=organisation.name)
