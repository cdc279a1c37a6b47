"""Raw support: what each mechanism makes of a project's tally, as an integer number of 1/S² cents."""

from __future__ import annotations

from abonde.matching.roots import UNIT
from abonde.matching.rules import Mechanism, Rules
from abonde.matching.tally import ProjectTally


def raw_support(tally: ProjectTally, rules: Rules) -> int:
    """raw[p], 0 where fewer people than `min_supporters` are counted."""
    if rules.min_supporters is not None and tally.persons < rules.min_supporters:
        return 0
    match rules.mechanism:
        case Mechanism.QUADRATIC:
            # (Σr)² − Σr², never (Σr)² − S²Σx: the latter leaves a lone donor a dust that redistribution can blow up.
            return tally.roots**2 - tally.squares
        case Mechanism.PROPORTIONAL:
            return tally.counted * UNIT
        case Mechanism.HEADS:
            return tally.voices
        case Mechanism.PAIRWISE | Mechanism.CLUSTER:
            return tally.linked
