"""Setting a round up, step by step. Each step is saved by itself, on the version that its editor saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError
from django.db.models import ProtectedError
from django.db.transaction import atomic
from django.utils.text import slugify

from abonde import territories
from abonde.core.editing import Edited
from abonde.core.transitions import NotNow
from abonde.identities.models import Provider
from abonde.matching.amounts import Cents, Euros
from abonde.matching.refusal import Refusal, Refusals
from abonde.matching.written_rules import read_rules
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import require_role
from abonde.people.models import Person
from abonde.register.actions import open_register
from abonde.register.models import Register, Strategy
from abonde.rounds.calendar import Calendar, contradictions
from abonde.rounds.guards import draft, record
from abonde.rounds.models import LARGEST_GIFT, SMALLEST_GIFT, Challenge, Round
from abonde.rounds.queries import registers_for
from abonde.rounds.states import State

LONGEST_NAME: Final = 150
LONGEST_SUMMARY: Final = 300
LONGEST_DESCRIPTION: Final = 20_000
LONGEST_QUESTION: Final = 1_000
MOST_CHALLENGES: Final = 20
ENDED: Final = frozenset({State.ARCHIVED, State.CANCELLED, State.CALLED_OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenChallenge:
    """A challenge as the host writes it; `key` is that of the one it changes, or empty for a further one."""

    name: str
    question: str = ""
    key: str = ""


@atomic
def create_round(*, person: Person, host: Organisation, name: str, slug: str = "") -> Round:
    """A draft of the host, under the preset `guarded`; `slug` is its address, made from the name where none is given.

    Raises NotAllowed, NotNow for an organisation that is no host, Refusal.
    """
    require_role(person, host, Role.MANAGER)
    if host.kind != Kind.HOST:
        raise NotNow("Only a host sets up rounds; {organisation} is none.", organisation=host.name)
    title = _line(name, LONGEST_NAME) or _missing_name()
    free = _free_slug(slugify(slug) or slugify(title))
    try:
        with atomic():
            round_ = Round.objects.create(host=host, name=title, slug=free)
    except IntegrityError as error:
        raise NotNow("Another round has taken this address just now: send the form once more.") from error
    record(person, "create_round", round_, after={"slug": round_.slug})
    return round_


@atomic
def edit_round_identity(  # noqa: PLR0913  (an action names all it needs)
    *,
    person: Person,
    round_id: int,
    seen: int | None,
    name: str,
    summary: str,
    description: str,
) -> Round:
    """Name and words. Raises NotAllowed, NotNow, ChangedMeanwhile, Refusal."""
    round_ = draft(person, round_id, seen)
    round_.name = _line(name, LONGEST_NAME) or _missing_name()
    round_.summary, round_.description = (
        _line(summary, LONGEST_SUMMARY),
        _text(description, LONGEST_DESCRIPTION),
    )
    return _saved(round_, person, "edit_round_identity", after={"name": round_.name})


@atomic
def edit_round_territory(
    *, person: Person, round_id: int, seen: int | None, territory: Sequence[str]
) -> Round:
    """The territory, by the codes of communes and intercommunalités. Raises Refusals of every unknown code."""
    round_ = draft(person, round_id, seen)
    known = list(territories.territory(territory).codes) if territory else []
    before, round_.territory = round_.territory, known
    return _saved(
        round_, person, "edit_round_territory", before={"territory": before}, after={"territory": known}
    )


@atomic
def edit_round_presentation(
    *, person: Person, round_id: int, seen: int | None, summary: str, description: str
) -> Round:
    """The words of a round that has opened: nobody signs them. Raises NotAllowed, NotNow, ChangedMeanwhile."""
    require_role(person, Round.objects.select_related("host").get(pk=round_id).host, Role.MANAGER)
    round_ = Round.locked(round_id, seen=seen, reader=person.actor)
    if round_.state in ENDED:
        raise NotNow("{round} is over: its page stays as it is.", round=round_.name)
    round_.summary, round_.description = (
        _line(summary, LONGEST_SUMMARY),
        _text(description, LONGEST_DESCRIPTION),
    )
    return _saved(round_, person, "edit_round_presentation")


@atomic
def edit_round_challenges(
    *, person: Person, round_id: int, seen: int | None, challenges: Sequence[WrittenChallenge]
) -> Round:
    """The challenges, in this order; those that are not named go. Raises NotNow for one to which a pot is kept."""
    round_ = draft(person, round_id, seen)
    if len(challenges) > MOST_CHALLENGES:
        raise Refusal("A round has at most {most} challenges.", most=MOST_CHALLENGES)
    kept = {one.key: one for one in round_.challenges.all()}
    wanted = {one.key for one in challenges}
    for key in kept.keys() - wanted:
        _remove(kept.pop(key))
    for position, written in enumerate(challenges):
        name = _line(written.name, 120)
        if not name:
            raise Refusal("Give each challenge a name.")
        challenge = kept.get(written.key) or Challenge(round=round_, key=_free_key(name, set(kept)))
        challenge.name, challenge.question = name, _text(written.question, LONGEST_QUESTION)
        challenge.position = position
        challenge.save()
        kept[challenge.key] = challenge
    return _saved(round_, person, "edit_round_challenges", after={"challenges": sorted(kept)})


@atomic
def edit_round_calendar(
    *, person: Person, round_id: int, seen: int | None, calendar: Calendar, has_selection: bool
) -> Round:
    """When things happen, and whether the host selects among applications. Raises Refusals of every contradiction."""
    round_ = draft(person, round_id, seen)
    found: list[Refusal] = list(contradictions(calendar))
    if found:
        raise Refusals(found)
    for field in Calendar.__slots__:
        setattr(round_, field, getattr(calendar, field))
    round_.has_selection = has_selection
    return _saved(round_, person, "edit_round_calendar")


@atomic
def edit_round_rules(  # noqa: PLR0913  (an action names all it needs)
    *,
    person: Person,
    round_id: int,
    seen: int | None,
    written_rules: Mapping[str, Any],
    smallest_gift: Cents,
    largest_gift: Cents,
) -> Round:
    """The parameters of the mechanism, written out in full, and what one gift to one project may be (cents).

    Raises the Refusals of `read_rules`, and of the amounts.
    """
    round_ = draft(person, round_id, seen)
    rules = read_rules(written_rules)
    if not SMALLEST_GIFT <= smallest_gift <= largest_gift <= LARGEST_GIFT:
        raise Refusal(
            "The smallest gift is at least {smallest}, the largest at most {largest}, and not below the smallest.",
            smallest=Euros(SMALLEST_GIFT),
            largest=Euros(LARGEST_GIFT),
        )
    before, round_.written_rules = round_.written_rules, rules.to_mapping()
    round_.smallest_gift, round_.largest_gift = smallest_gift, largest_gift
    return _saved(round_, person, "edit_round_rules", before=before, after=round_.written_rules)


@atomic
def edit_round_register(*, person: Person, round_id: int, seen: int | None, register: Register) -> Round:
    """Whose voices are matched: a register of the host, or of the certifier. Raises Refusal for another."""
    round_ = draft(person, round_id, seen)
    if not registers_for(round_).filter(pk=register.pk).exists():
        raise Refusal("Choose a register of the host or of the certifier of this round.")
    round_.register = register
    return _saved(round_, person, "edit_round_register", after={"register": register.pk})


@atomic
def open_round_register(  # noqa: PLR0913  (an action names all it needs)
    *,
    person: Person,
    round_id: int,
    seen: int | None,
    strategy: Strategy,
    name: str,
    issuers: Sequence[Provider] = (),
) -> Round:
    """A new register of the host, and the one of this round; a community's trusts the `issuers`.

    Raises NotAllowed, NotNow, ChangedMeanwhile, Refusal.
    """
    round_ = draft(person, round_id, seen)
    if strategy == Strategy.CERTIFIED:
        raise Refusal("A certified register is opened by the certifier.")
    register = open_register(
        person=person, organisation=round_.host, strategy=strategy, name=name, issuers=issuers
    )
    return edit_round_register(person=person, round_id=round_id, seen=seen, register=register)


def _saved(
    round: Round,  # noqa: A002  (the word of the domain)
    person: Person,
    verb: str,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> Round:
    Edited.save_edit(round, person.actor)
    record(person, verb, round, before=before, after=after)
    return round


def _remove(challenge: Challenge) -> None:
    try:
        challenge.delete()
    except ProtectedError as error:
        raise NotNow(
            "A pot of the fund is kept for {challenge}: the challenge stays.", challenge=challenge.name
        ) from error


def _missing_name() -> str:
    raise Refusal("Give the round a name.")


def _line(written: str, most: int) -> str:
    return _text(" ".join(written.split()), most)


def _text(written: str, most: int) -> str:
    text = written.replace("\x00", "").strip()
    if len(text) > most:
        raise Refusal("This text is too long: {length} characters of {most}.", length=len(text), most=most)
    return text


def _free_slug(wanted: str) -> str:
    base = (wanted or "campagne")[:70]
    taken = set(Round.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 100_000))) if slug not in taken)


def _free_key(name: str, taken: set[str]) -> str:
    base = slugify(name)[:40] or "defi"
    return next(key for key in (base, *(f"{base}-{n}" for n in range(2, 1_000))) if key not in taken)
