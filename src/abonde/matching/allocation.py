"""The allocation (répartition): every pot shared out among its projects, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from operator import attrgetter

from abonde.matching.amounts import Cents
from abonde.matching.pots import Pot, Project, in_serving_order
from abonde.matching.refusal import Refusal
from abonde.matching.roots import UNIT
from abonde.matching.rules import Rules, Sharing
from abonde.matching.sharing import Shared, share_out
from abonde.matching.support import raw_supports
from abonde.matching.tally import ProjectTally, Tally


class Limit(StrEnum):
    """What kept a project from more."""

    MIN_SUPPORTERS = "min_supporters"
    MAX_SHARE = "max_share"
    MAX_RATIO = "max_ratio"
    NEED = "need"
    IDEAL = "ideal"


@dataclass(frozen=True, slots=True)
class PotAllocation:
    """One pot shared out among the projects it may match, listed in the byte order of their keys.

    `ceilings` are what was left of each project's ceilings when this pot's turn came, one row per limit in force.
    """

    pot: Pot
    projects: Sequence[str]
    raw: Sequence[int]
    ceilings: Mapping[Limit, Sequence[int | None]]
    shared: Shared

    @property
    def unspent(self) -> Cents:
        return Cents(self.shared.unspent)


@dataclass(frozen=True)
class Allocation:
    """The result of a round: rules and tally that went in, and each pot's sharing, in serving order."""

    rules: Rules
    projects: Mapping[str, Project]
    tally: Tally
    pots: Sequence[PotAllocation]

    @cached_property
    def matching(self) -> Mapping[str, Cents]:
        """What the fund adds to each project, all pots together, in cents."""
        added = dict.fromkeys(self.projects, 0)
        for part in self.pots:
            for key, cents in zip(part.projects, part.shared.cents, strict=True):
                added[key] += cents
        return {key: Cents(cents) for key, cents in added.items()}

    @property
    def unspent(self) -> Cents:
        """What no pot could give, in cents; it goes back to the funders."""
        return Cents(sum(part.shared.unspent for part in self.pots))


def allocate(*, projects: Iterable[Project], tally: Tally, pots: Iterable[Pot], rules: Rules) -> Allocation:
    """Share every pot out under the rules.

    A project without a tally has received nothing. Raises Refusal for a tally of an unknown project, for a key that
    is there twice, and for an earmark that fits no project.
    """
    known = _by_key(projects)
    unknown = sorted(key for key in tally if key not in known)
    if unknown:
        raise Refusal(
            "Project {project} has received gifts but is not among the projects of the round.",
            project=unknown[0],
        )
    serving = in_serving_order(pots)
    _check_pots(serving, known)
    nothing = ProjectTally()
    return _shared_out(known, {key: tally.get(key, nothing) for key in known}, serving, rules)


def reallocate(now: Allocation, changed: Tally) -> Allocation:
    """What `allocate` would give if the tallies of some of its projects were these: what it checks has been checked."""
    return _shared_out(now.projects, {**now.tally, **changed}, [part.pot for part in now.pots], now.rules)


def _shared_out(
    known: Mapping[str, Project], full: Tally, serving: Sequence[Pot], rules: Rules
) -> Allocation:
    """Projects in the order of their keys, each with its tally, and pots in that of serving."""
    fund = sum(pot.amount for pot in serving)
    # From here on everything is listed in the order of the keys.
    keys, listed, tallies = list(known), list(known.values()), list(full.values())
    raw = raw_supports(tallies, rules)
    whole = whole_ceilings(listed, tallies, raw, rules, fund)
    added = [0] * len(keys)
    parts: list[PotAllocation] = []
    for pot in serving:
        places = pot.earmark.positions(listed)
        left = {limit: _left(tops, places, added if parts else None) for limit, tops in whole.items()}
        support = [raw[place] for place in places]
        shared = share_out(pot.amount, support, lowest(left, len(places)), redistribute=rules.redistribute)
        for place, cents in zip(places, shared.cents, strict=True):
            added[place] += cents
        parts.append(PotAllocation(pot, [keys[place] for place in places], support, left, shared))
    return Allocation(rules, known, full, parts)


def _left(tops: Sequence[int | None], places: Sequence[int], added: Sequence[int] | None) -> list[int | None]:
    """What is left of a limit's ceilings after what earlier pots added (`None` for the first pot)."""
    if added is None:
        return [tops[place] for place in places]
    return [None if (top := tops[place]) is None else max(top - added[place], 0) for place in places]


def lowest(ceilings: Mapping[Limit, Sequence[int | None]], size: int) -> list[int | None]:
    """The ceiling that holds for each project: the lowest of those in force, `None` where there is none."""
    if not ceilings:
        return [None] * size
    first, *others = ceilings.values()
    held = list(first)
    for tops in others:
        held = [a if b is None or (a is not None and a <= b) else b for a, b in zip(held, tops, strict=True)]
    return held


def whole_ceilings(
    projects: Sequence[Project],
    tallies: Sequence[ProjectTally],
    raw: Sequence[int],
    rules: Rules,
    fund: int,
) -> dict[Limit, list[int | None]]:
    """Each limit's ceilings over all pots, in whole cents, so that none is above the exact fraction."""
    ceilings: dict[Limit, list[int | None]] = {}
    if rules.max_share is not None:
        ceilings[Limit.MAX_SHARE] = [int(rules.max_share * fund)] * len(projects)
    if rules.max_ratio is not None:
        euros, per = rules.max_ratio.as_integer_ratio()
        ceilings[Limit.MAX_RATIO] = [counted.counted * euros // per for counted in tallies]
    if rules.cap_at_need and any(project.need is not None for project in projects):
        ceilings[Limit.NEED] = [
            _lacking(project.need, counted.received)
            for project, counted in zip(projects, tallies, strict=True)
        ]
    if rules.sharing is Sharing.UP_TO_IDEAL:
        # λ ≤ 1/S² is a ceiling of raw/S² like any other, and as one it also holds over several pots.
        ceilings[Limit.IDEAL] = [support // UNIT for support in raw]
    return ceilings


def _lacking(need: int | None, received: int) -> int | None:
    if need is None:
        return None
    return need - received if need > received else 0


def _by_key(projects: Iterable[Project]) -> dict[str, Project]:
    # The order of code points is the byte order of UTF-8.
    ordered = sorted(projects, key=attrgetter("key"))
    known = {project.key: project for project in ordered}
    if len(known) < len(ordered):
        twice = next(one.key for one, other in pairwise(ordered) if one.key == other.key)
        raise Refusal("Project {project} is there twice; give each project a key of its own.", project=twice)
    return known


def _check_pots(pots: Sequence[Pot], projects: Mapping[str, Project]) -> None:
    seen: set[str] = set()
    for pot in pots:
        if pot.key in seen:
            raise Refusal("Pot {pot} is there twice; give each pot a key of its own.", pot=pot.key)
        seen.add(pot.key)
        for what, wanted in (("challenge", pot.earmark.challenge), ("place", pot.earmark.place)):
            if wanted is None:
                continue
            known = {getattr(project, what) for project in projects.values()}
            if wanted not in known:
                raise Refusal(
                    "Pot {pot} is earmarked for the {what} {wanted!r}, which no project has; known are: {known}.",
                    pot=pot.key,
                    what=what,
                    wanted=wanted,
                    known=", ".join(sorted(name for name in known if name is not None)) or "—",
                )
