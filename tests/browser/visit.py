"""A page that is looked at, by whom, and what is typed there first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from abonde.people.models import Person
from tests.web.privileges import ANONYMOUS

if TYPE_CHECKING:
    from playwright.sync_api import Page


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


def opened(page: Page, visit: Visit, site: str) -> int:
    """Open the page, send its form if that is what the visit is about, and return the status of what stands there then."""
    answer = page.goto(site + visit.path)
    if visit.sends:
        form = page.locator(visit.sends).first
        for name, value in visit.typed.items():
            form.locator(f"[name={name}]").fill(value)
        with page.expect_navigation() as navigation:
            form.evaluate("form => HTMLFormElement.prototype.submit.call(form)")  # as without scripts
        answer = navigation.value
    assert answer is not None
    return answer.status
