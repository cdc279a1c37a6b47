"""The result as a drawing: what each project received, what was added, and which limit held it back.

One SVG without scripts, that reads well from a phone's width on: lengths are parts of the width, texts keep their
size, and colours follow the reader's preference for light or dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from gettext import gettext as _
from gettext import ngettext
from html import escape
from textwrap import wrap
from typing import Final

from abonde.cli.comparing import Comparison
from abonde.cli.wording import limit_words, mechanism_name, money, people, short_money
from abonde.language import spoken

LETTERS: Final = 44
"""How many letters of a name fit beside each other on a phone; names take two such lines at most."""

MOST_PROJECTS: Final = 200
MARKS: Final = (
    "M0 -6 L6 0 L0 6 L-6 0 Z",
    "M0 -5.5 A5.5 5.5 0 1 1 0 5.5 A5.5 5.5 0 1 1 0 -5.5 Z",
    "M0 -6 L6 5 L-6 5 Z",
    "M-5 -5 H5 V5 H-5 Z",
)
"""The shapes that stand for the mechanisms that are compared with the first."""

STYLE: Final = """
svg.round { --paper: #fbf7f0; --ink: #2c2520; --soft: #6b5f55; --line: #e4dacb; --received: #b4662a;
  --added: #2b7264; --limit: #8c2f39; background: var(--paper); color: var(--ink);
  font-family: "Marianne", "Source Sans 3", "Segoe UI", system-ui, sans-serif; font-size: 14px; }
@media (prefers-color-scheme: dark) { svg.round { --paper: #201c18; --ink: #f4ece1; --soft: #b9ab9b; --line: #3d362f;
  --received: #dd9a5b; --added: #67b8a3; --limit: #ef8f8f; } }
svg.round text { fill: var(--ink); font-variant-numeric: tabular-nums; }
svg.round .title { font-size: 22px; font-weight: 650; letter-spacing: -0.01em; }
svg.round .name { font-weight: 600; font-size: 15px; }
svg.round .soft, svg.round .axis { fill: var(--soft); }
svg.round .axis { font-size: 12px; }
svg.round .bound { fill: var(--limit); }
svg.round .received { fill: var(--received); }
svg.round .added { fill: var(--added); }
svg.round .grid { stroke: var(--line); stroke-width: 1; }
svg.round .rule { stroke: var(--limit); stroke-width: 3; stroke-linecap: round; }
svg.round .mark { fill: var(--paper); stroke: var(--ink); stroke-width: 1.75; stroke-linejoin: round; }
"""


def draw(comparison: Comparison) -> str:
    """The chart of a comparison as an SVG document; the first 200 projects at most, by what is added."""
    chart = _Chart(comparison)
    body = [*chart.header(), *chart.rows()]
    title, description = chart.title(), chart.description()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="round" lang="{spoken()}" role="img" width="100%" '
        f'height="{chart.bottom}" aria-labelledby="abonde-title abonde-description">\n'
        f'<title id="abonde-title">{escape(title)}</title>\n'
        f'<desc id="abonde-description">{escape(description)}</desc>\n'
        f"<style>{STYLE}</style>\n"
        f'<rect width="100%" height="100%" style="fill: var(--paper)"/>\n'
        f'<svg x="4%" width="92%" height="{chart.bottom}" overflow="visible">\n'
        + "\n".join(body)
        + "\n</svg>\n</svg>\n"
    )


class _Chart:
    """Draws from top to bottom; `bottom` is how far down the drawing has come, in pixels."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.shown = comparison.ranking[:MOST_PROJECTS]
        self.others = comparison.allocations[1:]
        places = range(len(comparison.allocations))
        self.longest = max(1, *(self._total(key, place) for key in self.shown for place in places))
        self.step = _axis_step(self.longest)
        self.bottom = 0

    def title(self) -> str:
        return _("What the projects receive")

    def description(self) -> str:
        projects = len(self.comparison.projects)
        added = sum(self.comparison.main.matching.values())
        return ngettext(
            "{received} of gifts to {count} project, {added} added by a fund of {fund}.",
            "{received} of gifts to {count} projects, {added} added by a fund of {fund}.",
            projects,
        ).format(
            received=short_money(self.comparison.received),
            count=projects,
            added=short_money(added),
            fund=short_money(self.comparison.fund),
        )

    def header(self) -> Iterator[str]:
        """Title, what is to be seen in a sentence, and the legend."""
        yield _text(0, 44, self.title(), "title")
        self.bottom = 50
        for line in wrap(self.description(), LETTERS + 4):
            self.bottom += 20
            yield _text(0, self.bottom, line, "soft")
        self.bottom += 14
        for drawing, words in self._legend():
            self.bottom += 24
            yield f'<g transform="translate(10 {self.bottom - 5})" aria-hidden="true">{drawing}</g>'
            yield _text(28, self.bottom, words, "soft")
        self.bottom += 34

    def rows(self) -> Iterator[str]:
        """The axis and the projects, most added first."""
        first = self.bottom
        rows = [part for key in self.shown for part in self._row(key)]
        yield from self._grid(first)
        yield from rows
        hidden = len(self.comparison.ranking) - len(self.shown)
        if hidden:
            yield _text(
                0,
                self.bottom,
                ngettext("and {count} more project", "and {count} more projects", hidden).format(
                    count=hidden
                ),
                "soft",
            )
        self.bottom += 24

    def _legend(self) -> Iterator[tuple[str, str]]:
        main = mechanism_name(self.comparison.main.rules.mechanism)
        yield _swatch("received"), _("received from people")
        yield _swatch("added"), _("added by the fund ({mechanism})").format(mechanism=main)
        if any(self.comparison.limits[0].values()):
            yield '<line class="rule" y1="-8" y2="8"/>', _("held back by a limit")
        for shape, other in zip(MARKS, self.others, strict=False):
            yield (
                f'<path class="mark" d="{shape}"/>',
                _("received and added, {mechanism}").format(mechanism=mechanism_name(other.rules.mechanism)),
            )

    def _grid(self, top: int) -> Iterator[str]:
        for at in range(0, self.longest + 1, self.step):
            x = self._x(at)
            anchor = "start" if at == 0 else "end" if at > 0.92 * self.longest else "middle"
            yield f'<line class="grid" x1="{x}" x2="{x}" y1="{top}" y2="{self.bottom - 10}"/>'
            yield f'<text class="axis" x="{x}" y="{top - 8}" text-anchor="{anchor}">{short_money(at)}</text>'

    def _row(self, key: str) -> Iterator[str]:
        comparison = self.comparison
        project, received = comparison.projects[key], comparison.main.tally[key].received
        added, total = comparison.main.matching[key], self._total(key, 0)
        yield f"<g><title>{escape(self._told(key))}</title>"
        self.bottom += 4
        for line in _lines(project.name or key):
            self.bottom += 18
            yield _text(0, self.bottom, line, "name")
        top = self.bottom = self.bottom + 10
        yield f'<rect class="received" x="0" y="{top}" width="{self._x(received)}" height="16" rx="2"/>'
        if added:
            yield f'<rect class="added" x="{self._x(received)}" y="{top}" width="{self._x(added)}" height="16" rx="2" transform="translate(2 0)"/>'
        if comparison.limits[0][key]:
            x = self._x(total)
            yield f'<g transform="translate(5 0)"><line class="rule" x1="{x}" x2="{x}" y1="{top - 3}" y2="{top + 19}"/></g>'
        for place, shape in enumerate(MARKS[: len(self.others)], start=1):
            yield f'<svg x="{self._x(self._total(key, place))}" y="{top + 8}" overflow="visible"><path class="mark" d="{shape}"/></svg>'
        self.bottom += 36
        yield _text(0, self.bottom, self._sums(key), "soft")
        limits = self._limits(key)
        if limits:
            self.bottom += 18
            yield _text(0, self.bottom, limits, "bound")
        self.bottom += 18
        yield "</g>"

    def _sums(self, key: str) -> str:
        counted, added = self.comparison.main.tally[key], self.comparison.main.matching[key]
        sums = f"{short_money(counted.received)} + {short_money(added)} · {people(counted.persons)}"
        chosen = _("chosen")
        return f"{sums} · {chosen}" if key in (self.comparison.official or ()) else sums

    def _limits(self, key: str) -> str:
        rules = self.comparison.main.rules
        return ", ".join(limit_words(limit, rules) for limit in self.comparison.limits[0][key])

    def _told(self, key: str) -> str:
        """A project's result in full, for a pointer that rests and for those who listen."""
        comparison = self.comparison
        project, counted = comparison.projects[key], comparison.main.tally[key]
        parts = [
            f"{project.name or key}: " + _("{amount} received").format(amount=money(counted.received)),
            people(counted.persons),
        ]
        for allocation in comparison.allocations:
            amount, mechanism = money(allocation.matching[key]), mechanism_name(allocation.rules.mechanism)
            parts.append(_("{amount} added ({mechanism})").format(amount=amount, mechanism=mechanism))
        return ", ".join(filter(None, (*parts, self._limits(key))))

    def _total(self, key: str, place: int) -> int:
        return self.comparison.main.tally[key].received + self.comparison.allocations[place].matching[key]

    def _x(self, cents: int) -> str:
        return f"{float(Fraction(100 * cents, self.longest)):.3f}%"


def _axis_step(longest: int) -> int:
    """A round distance in cents between the lines of the axis, so that there are two to five of them."""
    return next(step for step in _round_numbers() if step * 5 > longest)


def _round_numbers() -> Iterator[int]:
    power = 100
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def _lines(name: str) -> Sequence[str]:
    lines = wrap(name, LETTERS)
    return lines if len(lines) <= 2 else [lines[0], f"{lines[1].rstrip(' .,;:!?')}…"]  # noqa: PLR2004


def _text(x: int, y: int, words: str, style: str) -> str:
    return f'<text class="{style}" x="{x}" y="{y}">{escape(words)}</text>'


def _swatch(style: str) -> str:
    return f'<rect class="{style}" x="-10" y="-7" width="20" height="14" rx="2"/>'
