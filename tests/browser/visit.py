"""A page that is looked at, by whom, and what is typed there first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from abonde.people.models import Person
from tests.web.privileges import ANONYMOUS


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody, or nobody in particular, who opens a page; `sends` is the form that is sent there as `typed`."""

    name: str
    path: str
    person: Person | None = None
    who: str = ANONYMOUS
    sends: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
