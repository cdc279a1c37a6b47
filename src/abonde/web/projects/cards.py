"""A project among others: what its card shows, drawn once for all who see the same."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple, Self

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from abonde.projects.models import Project
from abonde.rounds.models import Round
from abonde.rounds.states import State

KEPT: Final = 4096
"""Cards of about 1.5 kB that a process keeps: those of many rounds, in two languages, as their amounts move."""


class Picture(NamedTuple):
    """The picture that stands for a project: its number, what it shows, its small size in pixels."""

    pk: int
    title: str
    width: int | None
    height: int | None


class Card(NamedTuple):
    """All that a card shows, and nothing else: who sees the same card sees the same HTML. Amounts in cents."""

    round_slug: str
    takes_gifts: bool
    """Amounts are shown once gifts have been possible; before, the need."""
    slug: str
    name: str
    summary: str
    challenge: str
    picture: Picture | None
    minimum: int
    ideal: int
    received: int
    added: int
    givers: int

    @classmethod
    def of(cls, round: Round, project: Project, *, received: int, added: int, givers: int) -> Self:  # noqa: A002
        """The card of a project as `projects_on_cards` reads it."""
        shown = next(iter(project.pictures), None)  # type: ignore[attr-defined]
        return cls(
            round.slug,
            round.state not in {State.APPLICATIONS, State.SELECTION},
            project.slug,
            project.name,
            project.summary,
            project.challenge.name if project.challenge else "",
            shown and Picture(shown.pk, shown.title, shown.small_width, shown.small_height),
            project.need_minimum or 0,
            project.need_ideal or 0,
            received,
            added,
            givers,
        )

    def drawn(self) -> SafeString:
        """Its HTML, in the language of the person who reads."""
        return _drawn(self, get_language())


@lru_cache(KEPT)
def _drawn(card: Card, _language: str | None) -> SafeString:
    # Half of a round's page was spent on drawing two dozen cards anew which nobody had changed.
    return render_to_string("projects/card.html", {"card": card})
