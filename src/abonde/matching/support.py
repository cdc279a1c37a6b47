"""Raw support: what each mechanism makes of a project's tally, as an integer number of 1/S² cents."""

from __future__ import annotations

from collections.abc import Sequence

from abonde.matching.roots import UNIT
from abonde.matching.rules import Mechanism, Rules
from abonde.matching.tally import ProjectTally


def raw_support(tally: ProjectTally, rules: Rules) -> int:
    """raw[p], 0 where fewer people than `min_supporters` are counted."""
    return raw_supports([tally], rules)[0]


def raw_supports(tallies: Sequence[ProjectTally], rules: Rules) -> list[int]:
    """The same for many projects at once."""
    match rules.mechanism:
        case Mechanism.QUADRATIC:
            # (Σr)² − Σr², never (Σr)² − S²Σx: the latter leaves a lone donor a dust that redistribution can blow up.
            raw = [tally.roots * tally.roots - tally.squares for tally in tallies]
        case Mechanism.PROPORTIONAL:
            raw = [tally.counted * UNIT for tally in tallies]
        case Mechanism.HEADS:
            raw = [tally.voices for tally in tallies]
        case Mechanism.PAIRWISE | Mechanism.CLUSTER:
            raw = [tally.linked for tally in tallies]
    least = rules.min_supporters or 0
    return [0 if tally.persons < least else support for tally, support in zip(tallies, raw, strict=True)]
