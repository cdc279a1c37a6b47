"""Why a project gets what it gets from a pot, in exact steps that add up."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from abonde.matching.allocation import Allocation, Limit, PotAllocation
from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal
from abonde.matching.tally import ProjectTally


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One project and one pot, amounts in cents; the fractions are exact.

    `result` = `before_limits` − `cut` + `redistributed` + `rounding`. `bound_by` is the limit that held the project
    back, `ceiling` the amount at which it did (`None` where no limit is in force).
    """

    project: str
    pot: str
    tally: ProjectTally
    raw: int
    before_limits: Fraction
    ceiling: Cents | None
    bound_by: Limit | None
    cut: Fraction
    redistributed: Fraction
    rounding: Fraction
    result: Cents


def explain(allocation: Allocation, project: str) -> list[Explanation]:
    """The explanation of `project` for each pot that may match it, in serving order. Raises Refusal if unknown."""
    if project not in allocation.projects:
        raise Refusal("Project {project!r} is not among the projects of the round.", project=project)
    return [_explain(allocation, part, project) for part in allocation.pots if project in part.projects]


def bound_by(allocation: Allocation, part: PotAllocation, place: int) -> Limit | None:
    """The limit that held the project at `place` of a pot back, `None` where none did."""
    if part.shared.at_ceiling[place]:
        return _tightest(part, place)
    least = allocation.rules.min_supporters
    few = least is not None and 0 < allocation.tally[part.projects[place]].persons < least
    return Limit.MIN_SUPPORTERS if few and part.raw[place] == 0 else None


def _tightest(part: PotAllocation, place: int) -> Limit | None:
    tops = {
        limit: top for limit, by_project in part.ceilings.items() if (top := by_project[place]) is not None
    }
    return min(tops, key=lambda limit: tops[limit], default=None)


def _explain(allocation: Allocation, part: PotAllocation, project: str) -> Explanation:
    place = part.projects.index(project)
    tally, raw, shared = allocation.tally[project], part.raw[place], part.shared
    everyone = sum(part.raw)
    before = Fraction(raw * part.pot.amount, everyone) if everyone else Fraction(0)
    tightest = _tightest(part, place)
    ceiling = part.ceilings[tightest][place] if tightest else None
    cut = max(before - ceiling, Fraction(0)) if ceiling is not None and raw else Fraction(0)
    level = (
        Fraction(shared.cents[place])
        if shared.at_ceiling[place]
        else Fraction(raw * shared.left, shared.rest)
    )
    return Explanation(
        project=project,
        pot=part.pot.key,
        tally=tally,
        raw=raw,
        before_limits=before,
        ceiling=None if ceiling is None else Cents(ceiling),
        bound_by=bound_by(allocation, part, place),
        cut=cut,
        redistributed=level - (before - cut),
        rounding=shared.cents[place] - level,
        result=Cents(shared.cents[place]),
    )
