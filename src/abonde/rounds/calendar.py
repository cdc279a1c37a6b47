"""The calendar of a round: local times of its territory, and what has to come before what. Pure, but for the time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.utils.timezone import get_default_timezone

from abonde.matching.refusal import Refusal

LONGEST_OBJECTIONS: Final = 90
"""Days."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Beyond them, a date is a slip of the finger; and computing with the ends of the calendar fails."""


class NoSuchTime(Refusal):
    """A local time that no round has, or, in the nights of clock change, one that does not exist or exists twice."""


class CalendarRefusal(Refusal):
    """Something about one date of the calendar; `field` is the column that it is about."""

    def __init__(self, message: str, *, field: str, **values: object) -> None:
        super().__init__(message, **values)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When things happen (UTC). A draft may lack dates."""

    applications_open_at: datetime | None = None
    applications_close_at: datetime | None = None
    giving_opens_at: datetime | None = None
    giving_closes_at: datetime | None = None
    objection_days: int = 14


def instant_at(local: datetime) -> datetime:
    """The instant (UTC) of a local time of the platform's time zone. Raises NoSuchTime in a night of clock change."""
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise NoSuchTime(
            "{year} is no year of a round: choose one from {first} to {last}.",
            year=local.year,
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    zone = get_default_timezone()
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    instant = first.astimezone(UTC)
    if first.utcoffset() == second.utcoffset():
        return instant
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise NoSuchTime(
            "{time} does not exist on {day}: the clocks go forward that night. Choose a time before 02:00 or from 03:00 on.",
            time=f"{local:%H:%M}",
            day=f"{local:%d/%m/%Y}",
        )
    raise NoSuchTime(
        "{time} comes twice on {day}: the clocks go back that night. Choose a time before 02:00 or from 03:00 on.",
        time=f"{local:%H:%M}",
        day=f"{local:%d/%m/%Y}",
    )


def contradictions(calendar: Calendar) -> Iterator[CalendarRefusal]:
    """What in the calendar cannot be."""
    opens, closes = calendar.applications_open_at, calendar.applications_close_at
    giving, end = calendar.giving_opens_at, calendar.giving_closes_at
    if opens and closes and closes <= opens:
        yield CalendarRefusal(
            "Applications close before they open: choose a later date.", field="applications_close_at"
        )
    if closes and giving and giving < closes:
        yield CalendarRefusal(
            "Giving begins before applications close: choose a later date.", field="giving_opens_at"
        )
    if giving and end and end <= giving:
        yield CalendarRefusal("Giving ends before it begins: choose a later date.", field="giving_closes_at")
    if not 1 <= calendar.objection_days <= LONGEST_OBJECTIONS:
        yield CalendarRefusal(
            "Give between 1 and {most} days for objections.", field="objection_days", most=LONGEST_OBJECTIONS
        )


def lacking(calendar: Calendar) -> Iterator[CalendarRefusal]:
    """The dates that a round needs before it can be signed."""
    if calendar.applications_open_at is None or calendar.applications_close_at is None:
        yield CalendarRefusal("Say when applications open and close.", field="applications_open_at")
    if calendar.giving_opens_at is None or calendar.giving_closes_at is None:
        yield CalendarRefusal("Say when giving begins and ends.", field="giving_opens_at")


def too_late(calendar: Calendar, at: datetime) -> Iterator[CalendarRefusal]:
    """What has passed at that instant (UTC), so that the round can no longer open as planned."""
    closes, giving = calendar.applications_close_at, calendar.giving_opens_at
    if closes is not None and closes <= at:
        yield CalendarRefusal(
            "The date on which applications close has passed: choose later dates.",
            field="applications_close_at",
        )
    elif giving is not None and giving <= at:
        yield CalendarRefusal(
            "The date on which giving begins has passed: choose later dates.", field="giving_opens_at"
        )
