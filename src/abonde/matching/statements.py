"""Funder statements: where each funder's money went, exact to the cent in both directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from abonde.matching.allocation import PotAllocation
from abonde.matching.amounts import Cents


@dataclass(frozen=True, slots=True)
class Statement:
    """What became of one funder's money in one pot (cents): `given` = Σ `spent` + `returned`."""

    funder: str
    pot: str
    given: Cents
    spent: Mapping[str, Cents]
    returned: Cents


def funder_statements(part: PotAllocation) -> list[Statement]:
    """Split a shared-out pot among its funders, in proportion to their money, in the byte order of their keys.

    Every project's cents and every funder's cents are met exactly: each cell is its exact share rounded up or down,
    the largest remainders first (controlled rounding; Cox 1987).
    """
    funders = sorted(part.pot.funders)
    given = [part.pot.funders[funder] for funder in funders]
    projects = [(key, cents) for key, cents in zip(part.projects, part.shared.cents, strict=True) if cents]
    cells = split_exactly([part.shared.unspent, *(cents for _, cents in projects)], given)
    return [
        Statement(
            funder=funder,
            pot=part.pot.key,
            given=Cents(given[column]),
            spent={key: Cents(row[column]) for (key, _), row in zip(projects, cells[1:], strict=True)},
            returned=Cents(cells[0][column]),
        )
        for column, funder in enumerate(funders)
    ]


def split_exactly(rows: Sequence[int], columns: Sequence[int]) -> list[list[int]]:
    """A table of whole cents with exactly these row and column sums (which have the same total).

    Each cell is ⌊row · column / total⌋ or one more, and never more where that share is whole. Such a table always
    exists; the extra cents go to the largest remainders (ties: first row, then first column), and where that would
    leave a column short, extra cents are moved along a chain of swaps.
    """
    total = sum(rows)
    cells, remainders = [], []
    for row in rows:
        divided = [divmod(row * column, total) if total else (0, 0) for column in columns]
        cells.append([whole for whole, _ in divided])
        remainders.append([remainder for _, remainder in divided])
    row_short = [row - sum(line) for row, line in zip(rows, cells, strict=True)]
    column_short = [column - sum(line[c] for line in cells) for c, column in enumerate(columns)]
    raised: list[set[int]] = [set() for _ in columns]  # by column, the rows that got an extra cent there
    by_remainder = sorted(
        (
            (-remainder, r, c)
            for r, line in enumerate(remainders)
            for c, remainder in enumerate(line)
            if remainder
        )
    )
    for _, r, c in by_remainder:
        if row_short[r] and column_short[c]:
            raised[c].add(r)
            row_short[r] -= 1
            column_short[c] -= 1
    for r, short in enumerate(row_short):
        for _ in range(short):
            _raise_by_swaps(r, remainders, raised, column_short)
    for c, extra in enumerate(raised):
        for r in extra:
            cells[r][c] += 1
    return cells


def _raise_by_swaps(
    start: int, remainders: list[list[int]], raised: list[set[int]], column_short: list[int]
) -> None:
    """Give row `start` one more cent: along rows that hand one column over for another, to a column still short."""
    came_from: dict[int, tuple[int, int | None]] = {}  # column → (row that enters it, column that row leaves)
    frontier: list[tuple[int, int | None]] = [(start, None)]
    for row, leaves in frontier:
        for column, remainder in enumerate(remainders[row]):
            if not remainder or row in raised[column] or column in came_from:
                continue
            came_from[column] = (row, leaves)
            if column_short[column]:
                column_short[column] -= 1
                step: int | None = column
                while step is not None:
                    entering, left = came_from[step]
                    raised[step].add(entering)
                    if left is not None:
                        raised[left].discard(entering)
                    step = left
                return
            frontier.extend((other, column) for other in sorted(raised[column]))
    raise AssertionError("row and column sums of one total can always be met")
