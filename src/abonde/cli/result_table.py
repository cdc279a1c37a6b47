"""The result for the terminal: one row per project, one column per mechanism, the limits as footnotes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from gettext import gettext as _
from typing import Final, TextIO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from abonde.cli.comparing import Comparison
from abonde.cli.wording import (
    NARROW,
    limit_words,
    mechanism_name,
    money,
    number,
    people,
    percent,
    short_money,
)
from abonde.matching import Allocation, Limit

SIGNS: Final = dict(zip(Limit, "ᵃᵇᶜᵈᵉ", strict=True))
COLUMNS: Final = 80
WIDEST: Final = 120
NARROWEST_NAME: Final = 13


def write_table(comparison: Comparison, file: TextIO) -> None:
    """Write the table, what the signs mean, and what is not spent."""
    columns = [_amounts(comparison, place) for place in range(len(comparison.allocations))]
    if comparison.official is not None:
        columns.append(_official(comparison))
    widths = [max(cell_len(line) for cell in column for line in cell.split("\n")) for column in columns]
    beside = sum(widths) + 2 * len(widths)
    terminal = shutil.get_terminal_size((COLUMNS, 24)).columns
    # Numbers are never cut: a terminal too narrow for them wraps the lines instead.
    console = Console(
        file=file, width=max(NARROWEST_NAME + beside, min(terminal, WIDEST)), highlight=False, soft_wrap=True
    )
    console.print(_table(comparison, columns, console.width - beside))
    for sentence in _notes(comparison):
        console.print(Text(sentence), soft_wrap=False)


def _table(comparison: Comparison, columns: Sequence[Sequence[str]], name_width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, show_footer=True, pad_edge=False, padding=(0, 1, 0, 0))
    names = _names(comparison, name_width)
    table.add_column(_("Project"), Text(names[-1]), no_wrap=True, width=name_width)
    for header, *_cells, footer in columns:
        table.add_column(header, footer, justify="right", no_wrap=True)
    for row in zip(names[:-1], *(column[1:-1] for column in columns), strict=True):
        name, *amounts = row
        table.add_row(_two_lines(name), *map(_two_lines, amounts))
    return table


def _two_lines(cell: str) -> RenderableType:
    first, _newline, second = cell.partition("\n")
    return Group(Text(first, no_wrap=True, overflow="ellipsis"), Text(second, style="dim", no_wrap=True))


def _names(comparison: Comparison, width: int) -> list[str]:
    """Each project's name above what it received, then the totals."""
    cells = []
    for key in comparison.ranking:
        counted = comparison.main.tally[key]
        name = comparison.projects[key].name or key
        received = f"{money(counted.received)} · {people(counted.persons)}"
        if cell_len(received) > width:
            received = money(counted.received)
        cells.append(f"{name}\n{received}")
    total = _("Total")
    return [*cells, f"{total}\n{money(comparison.received)}"]


def _amounts(comparison: Comparison, place: int) -> list[str]:
    """A mechanism's name, what it adds to each project above its share and the limits' signs, and the totals."""
    allocation = comparison.allocations[place]
    added, total = allocation.matching, sum(allocation.matching.values())
    cells = []
    for key in comparison.ranking:
        signs = "".join(SIGNS[limit] for limit in comparison.limits[place][key])
        share = percent(added[key], total) if added[key] else ""
        cells.append(f"{money(added[key]) if added[key] else '—'}\n{' '.join(filter(None, (signs, share)))}")
    return [
        mechanism_name(allocation.rules.mechanism),
        *cells,
        f"{money(total)}\n{percent(total, comparison.fund)}",
    ]


def _official(comparison: Comparison) -> list[str]:
    """What the vote itself decided: the cost of each chosen project."""
    chosen = comparison.official or ()
    costs = {key: comparison.projects[key].need or 0 for key in chosen}
    word = _("chosen")
    cells = [f"{short_money(costs[key])}\n{word}" if key in chosen else "—\n" for key in comparison.ranking]
    return [_("voted"), *cells, f"{short_money(sum(costs.values()))}\n{number(len(costs))}"]


def _notes(comparison: Comparison) -> Iterable[str]:
    used = {limit for limits in comparison.limits for bound in limits.values() for limit in bound}
    rules = comparison.main.rules
    for limit in Limit:
        if limit in used:
            yield f"{SIGNS[limit]}{NARROW}{limit_words(limit, rules)}"
    several = len(comparison.allocations) > 1
    for allocation in comparison.allocations:
        yield unspent_sentence(allocation, named=several)


def unspent_sentence(allocation: Allocation, *, named: bool) -> str:
    """What is not spent, and whose it is."""
    if allocation.unspent:
        sentence = _("{amount} cannot be spent within the limits and go back to the funders.").format(
            amount=money(allocation.unspent)
        )
    else:
        sentence = _("The whole fund is spent.")
    return f"{mechanism_name(allocation.rules.mechanism)}{NARROW}: {sentence}" if named else sentence
