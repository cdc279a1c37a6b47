"""The allocation (répartition): every pot shared out among its projects, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from abonde.matching.amounts import Cents
from abonde.matching.pots import Pot, Project, in_serving_order
from abonde.matching.refusal import Refusal
from abonde.matching.roots import UNIT
from abonde.matching.rules import Rules, Sharing
from abonde.matching.sharing import Shared, share_out
from abonde.matching.support import raw_support
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
    unknown = sorted(set(tally) - set(known))
    if unknown:
        raise Refusal(
            "Project {project} has received gifts but is not among the projects of the round.",
            project=unknown[0],
        )
    serving = in_serving_order(pots)
    _check_pots(serving, known)
    fund = sum(pot.amount for pot in serving)
    nothing = ProjectTally()
    tallies = {key: tally.get(key, nothing) for key in known}
    raw = {key: raw_support(counted, rules) for key, counted in tallies.items()}
    whole = whole_ceilings(known, tallies, raw, rules, fund)
    added = dict.fromkeys(known, 0)
    parts: list[PotAllocation] = []
    for pot in serving:
        keys = [key for key, project in known.items() if pot.earmark.accepts(project)]
        left = {limit: _left(tops, keys, added if parts else None) for limit, tops in whole.items()}
        support = [raw[key] for key in keys]
        shared = share_out(pot.amount, support, lowest(left, len(keys)), redistribute=rules.redistribute)
        for key, cents in zip(keys, shared.cents, strict=True):
            added[key] += cents
        parts.append(PotAllocation(pot, keys, support, left, shared))
    return Allocation(rules, known, tallies, parts)


def _left(
    tops: Mapping[str, int | None], keys: Sequence[str], added: Mapping[str, int] | None
) -> list[int | None]:
    """What is left of a limit's ceilings after what earlier pots added (`None` for the first pot)."""
    if added is None:
        return [tops[key] for key in keys]
    return [None if (top := tops[key]) is None else max(top - added[key], 0) for key in keys]


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
    projects: Mapping[str, Project], tallies: Tally, raw: Mapping[str, int], rules: Rules, fund: int
) -> dict[Limit, dict[str, int | None]]:
    """Each limit's ceiling by project over all pots, in whole cents, so that none is above the exact fraction."""
    ceilings: dict[Limit, dict[str, int | None]] = {}
    if rules.max_share is not None:
        ceilings[Limit.MAX_SHARE] = dict.fromkeys(projects, int(rules.max_share * fund))
    if rules.max_ratio is not None:
        euros, per = rules.max_ratio.as_integer_ratio()
        ceilings[Limit.MAX_RATIO] = {key: counted.counted * euros // per for key, counted in tallies.items()}
    if rules.cap_at_need and any(project.need is not None for project in projects.values()):
        ceilings[Limit.NEED] = {
            key: None if project.need is None else max(project.need - tallies[key].received, 0)
            for key, project in projects.items()
        }
    if rules.sharing is Sharing.UP_TO_IDEAL:
        # λ ≤ 1/S² is a ceiling of raw/S² like any other, and as one it also holds over several pots.
        ceilings[Limit.IDEAL] = {key: support // UNIT for key, support in raw.items()}
    return ceilings


def _by_key(projects: Iterable[Project]) -> dict[str, Project]:
    known: dict[str, Project] = {}
    for project in projects:
        if project.key in known:
            raise Refusal(
                "Project {project} is there twice; give each project a key of its own.", project=project.key
            )
        known[project.key] = project
    # The order of code points is the byte order of UTF-8.
    return {key: known[key] for key in sorted(known)}


def _check_pots(pots: Sequence[Pot], projects: Mapping[str, Project]) -> None:
    challenges = {project.challenge for project in projects.values()}
    places = {project.place for project in projects.values()}
    seen: set[str] = set()
    for pot in pots:
        if pot.key in seen:
            raise Refusal("Pot {pot} is there twice; give each pot a key of its own.", pot=pot.key)
        seen.add(pot.key)
        for what, wanted, known in (
            ("challenge", pot.earmark.challenge, challenges),
            ("place", pot.earmark.place, places),
        ):
            if wanted is not None and wanted not in known:
                raise Refusal(
                    "Pot {pot} is earmarked for the {what} {wanted!r}, which no project has; known are: {known}.",
                    pot=pot.key,
                    what=what,
                    wanted=wanted,
                    known=", ".join(sorted(name for name in known if name is not None)) or "—",
                )
