"""What one person's changed sum on a project changes in the project's tally: pure, exact, the rules' own arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from abonde.matching.amounts import Cents
from abonde.matching.roots import root
from abonde.matching.rules import Counting
from abonde.matching.tally import ProjectTally


@dataclass(frozen=True, slots=True)
class Change:
    """What is added to a tally: money received (cents), counted persons and cents, Σ r(x) in 1/S, Σ r(x)² in 1/S²."""

    received: int
    persons: int = 0
    counted: int = 0
    roots: int = 0
    squares: int = 0

    def on(self, tally: ProjectTally) -> ProjectTally:
        """The tally after the change."""
        return tally._replace(
            received=Cents(tally.received + self.received),
            persons=tally.persons + self.persons,
            counted=Cents(tally.counted + self.counted),
            roots=tally.roots + self.roots,
            squares=tally.squares + self.squares,
        )


def change(counting: Counting, *, before: int, after: int, received: int) -> Change:
    """One person's eligible sum on a project goes from `before` to `after` cents, and its money by `received` cents."""
    x_before, x_after = counting.count(before), counting.count(after)
    r_before, r_after = root(x_before), root(x_after)
    return Change(
        received=received,
        persons=(x_after > 0) - (x_before > 0),
        counted=x_after - x_before,
        roots=r_after - r_before,
        squares=r_after**2 - r_before**2,
    )
