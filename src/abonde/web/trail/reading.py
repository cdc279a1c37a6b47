"""The log of events of one organisation, as sentences: who, what, about what, before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext as _

from abonde.core.models import OF_MANY, Event
from abonde.funds.models import Agreement, Fund, Instalment, Pot, Returned
from abonde.matching import Cents
from abonde.organisations.models import Organisation, Role
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.projects.states import State as ProjectState
from abonde.rounds.models import Party, Round, Signature
from abonde.settlement.models import Computation, Objection
from abonde.web.trail.words import DEEDS, FIELDS, KINDS, MONEY, OF_PEOPLE, STATES
from abonde.web.wording import money

LONGEST_VALUE: Final = 80
SAVED_BY_ITSELF: Final = frozenset(
    {"edit_round_identity", "edit_round_challenges", "edit_round_calendar", "edit_round_rules"}
)
"""What forms save at each pause: an event each time in the log and in the file, one sentence on the page."""

ABOUT: Final[Mapping[str, tuple[type[Model], tuple[str, ...], Callable[[Any], tuple[str, ...]]]]] = {
    "rounds.round": (Round, (), lambda one: (one.name,)),
    "rounds.party": (
        Party,
        ("round", "organisation"),
        lambda one: (one.round.name, one.organisation.name),
    ),
    "rounds.signature": (Signature, ("signed_text__round",), lambda one: (one.signed_text.round.name,)),
    "projects.project": (Project, (), lambda one: (one.name,)),
    "funds.fund": (Fund, ("round",), lambda one: (one.round.name,)),
    "funds.pot": (Pot, (), lambda one: (one.name,)),
    "funds.agreement": (Agreement, ("funder", "pot"), lambda one: (one.funder.name, one.pot.name)),
    "settlement.computation": (Computation, ("round",), lambda one: (one.round.name,)),
}
"""How the subjects of each type are named, and what has to be read for it."""

OF_ROUND: Final[Mapping[type[Model], str]] = {
    Round: "pk",
    Party: "round",
    Signature: "signed_text__round",
    Project: "round",
    Fund: "round",
    Pot: "fund__round",
    Agreement: "pot__fund__round",
    Instalment: "agreement__pot__fund__round",
    Returned: "instalment__agreement__pot__fund__round",
    Computation: "round",
    Objection: "computation__round",
}
"""The types of subjects that belong to a round, each with the way to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an entry says of one thing; `before` is empty where nothing was."""

    name: str | Promise
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One deed: when (UTC), who (in words), what, about what, and what changed."""

    at: datetime
    actor: str | None
    who: str
    verb: str
    deed: str | Promise
    about: str
    changes: list[Change]

    @property
    def day(self) -> date:
        """On which day of the platform it was done."""
        return localdate(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of the trail is wanted. Days are the platform's own.

    `who` is one of the organisation's agents: what citizens do is nobody's deed here, and found under no name.
    """

    kind: str = ""
    about: Round | None = None
    who: Person | None = None
    since: date | None = None
    until: date | None = None


def trail_of(organisation: Organisation, wanted: Wanted) -> QuerySet[Event]:
    """What was done in the organisation or by it in rounds of others, the newest first."""
    verbs = KINDS[wanted.kind][1] if wanted.kind in KINDS else DEEDS
    events = Event.objects.filter(~OF_MANY, _concerns(organisation), verb__in=list(verbs)).order_by("-id")
    events = events.exclude(verb="withdraw_project", before__state=ProjectState.DRAFT)
    if wanted.about is not None:
        events = events.filter(_of_round(wanted.about))
    if wanted.who is not None:
        events = events.filter(actor=wanted.who.actor).exclude(verb__in=OF_PEOPLE)
    if wanted.since is not None:
        events = events.filter(at__gte=_midnight(wanted.since))
    if wanted.until is not None:
        events = events.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return events


def entries_of(events: Iterable[Event], *, own: str = "") -> list[Entry]:
    """The events in words: a query for all names, and one for each type of subject.

    `own` is the reader's organisation, whose name says nothing beside each of its deeds.
    """
    rows = list(events)
    who, about = _names(rows), _subjects(rows, own)
    return [
        Entry(
            at=row.at,
            actor=row.actor,
            who=_who(row, who),
            verb=row.verb,
            deed=DEEDS[row.verb],
            about=about.get((row.subject_type, row.subject_id), ""),
            changes=changes_of(row.subject_type, row.before or {}, row.after or {}),
        )
        for row in rows
    ]


def folded(entries: Iterable[Entry]) -> list[Entry]:
    """The entries (the newest first) with what one person saved again and again in a row told once, from first to last."""
    found: list[Entry] = []
    for one in entries:
        if found and one.verb in SAVED_BY_ITSELF and _identity(one) == _identity(found[-1]):
            found[-1] = replace(found[-1], changes=_from_to(one.changes, found[-1].changes))
        else:
            found.append(one)
    return found


def changes_of(subject: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs, in words; a thing that stayed as it was, or that only its type of subject knows, is left out."""
    told = [
        Change(
            name=name,
            before=_value(subject, key, before.get(key)),
            after=_value(subject, key, after.get(key)),
        )
        for key, name in FIELDS.items()
    ]
    return [one for one in told if one.before != one.after]


def _identity(entry: Entry) -> tuple[object, ...]:
    return localdate(entry.at), entry.actor, entry.verb, entry.about


def _from_to(earlier: Sequence[Change], later: Sequence[Change]) -> list[Change]:
    before = {one.name: one.before for one in (*later, *earlier)}
    after = {one.name: one.after for one in (*earlier, *later)}
    told = [Change(name=name, before=before[name], after=after[name]) for name in after]
    return [one for one in told if one.before != one.after]


def _concerns(organisation: Organisation) -> Q:
    own = Q(tenant=organisation.reference)
    for model in (Party, Agreement, Signature):
        own |= _subject_in(model, "funder" if model is Agreement else "organisation", organisation)
    return own


def _of_round(about: Round) -> Q:
    found = Q()
    for model, way in OF_ROUND.items():
        found |= _subject_in(model, way, about.pk)
    return found


def _subject_in(model: type[Model], field: str, value: object) -> Q:
    # A model's default manager and its label are Django's documented doors.
    keys = model._default_manager.filter(**{field: value})  # noqa: SLF001
    ids = keys.annotate(subject_key=Cast("pk", TextField())).values("subject_key")
    return Q(subject_type=model._meta.label_lower, subject_id__in=ids)  # noqa: SLF001


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=get_current_timezone())


def _names(rows: Sequence[Event]) -> dict[str, str]:
    ids = {row.actor.removeprefix("person:") for row in rows if row.actor and row.actor.startswith("person:")}
    return {person.actor: str(person) for person in Person.objects.active().filter(pk__in=ids)}


def _who(row: Event, names: Mapping[str, str]) -> str:
    if row.verb in OF_PEOPLE:
        return _("Somebody")
    if row.actor is None:
        return _("The platform")
    if not row.actor.startswith("person:"):
        return _("A log-in provider")
    return names.get(row.actor) or _("Someone whose account is deleted")


def _subjects(rows: Sequence[Event], own: str) -> dict[tuple[str, str], str]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        wanted[row.subject_type].add(row.subject_id)
    found: dict[tuple[str, str], str] = {}
    for label, ids in wanted.items():
        if label not in ABOUT:
            continue
        model, related, name = ABOUT[label]
        subjects = model._default_manager.filter(pk__in=ids)  # noqa: SLF001
        for one in subjects.select_related(*related) if related else subjects:
            found[label, str(one.pk)] = ", ".join(part for part in name(one) if part != own)
    return found


def _value(subject: str, key: str, value: object) -> str:
    if value is None:
        return ""
    if key == "state":
        return str(STATES.get(subject, {}).get(str(value), ""))
    if key == "role":
        return str(dict(Role.choices).get(str(value), ""))
    if key in MONEY and isinstance(value, int):
        return money(Cents(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    words = str(value)
    return words if len(words) <= LONGEST_VALUE else f"{words[: LONGEST_VALUE - 1]}…"
