"""From gifts to a tally: merge, count, and sum up each project in a handful of integers.

This is the reference; the engines do the same work on large files and must find the same integers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from abonde.matching.amounts import LARGEST_GIFT, Cents
from abonde.matching.cluster import cluster_support
from abonde.matching.pairwise import pairwise_support
from abonde.matching.refusal import Refusal
from abonde.matching.roots import UNIT, root
from abonde.matching.rules import Counting, Mechanism, Rules


class Gift(NamedTuple):
    """One settled gift: `cents` of `person` for `project`; `eligible` is false where it may not be matched."""

    person: str
    project: str
    cents: int
    eligible: bool = True


Ballots = Mapping[str, Mapping[str, Cents]]
"""What each person supports: person → project → counted amount above 0, in cents."""

Groups = Mapping[str, frozenset[str]]
"""The groups (such as neighbourhoods) that each person belongs to."""


class ProjectTally(NamedTuple):
    """What counting found for one project: all that the mechanism and its limits need.

    `received` is all money (cents), matched or not; `counted` is Σx (cents) over the `persons` whose x is above 0;
    `roots` is Σr(x), in 1/S; `squares` is Σr(x)², in 1/S²; `voices` is Σ⌊S²/d⌋ with d the number of projects that
    a person supports, counted for `heads` only; `linked` is the raw support that `pairwise` or `cluster` measured,
    in 1/S² cents, 0 for the others.
    """

    received: Cents = Cents(0)
    persons: int = 0
    counted: Cents = Cents(0)
    roots: int = 0
    squares: int = 0
    voices: int = 0
    linked: int = 0


Tally = Mapping[str, ProjectTally]


def merge(gifts: Iterable[Gift]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """c[i,p], the eligible sums in cents by person and project, and the money received by each project.

    Repeat gifts of a person to a project are added up before any threshold is looked at.
    """
    given: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    received: defaultdict[str, int] = defaultdict(int)
    for person, project, cents, eligible in gifts:
        if not 0 < cents <= LARGEST_GIFT:
            raise Refusal(
                "The gift of {person} to {project} is of {cents} cents; a gift is between 1 and {largest} cents.",
                person=person,
                project=project,
                cents=cents,
                largest=LARGEST_GIFT,
            )
        received[project] += cents
        if eligible:
            given[person][project] += cents
    return {person: dict(sums) for person, sums in given.items()}, dict(received)


def ballots_of(given: Mapping[str, Mapping[str, int]], counting: Counting) -> dict[str, dict[str, Cents]]:
    """The counted amounts x[i,p] above 0; persons of whom nothing counts are left out."""
    ballots = {
        person: {project: x for project, cents in sums.items() if (x := counting.count(cents))}
        for person, sums in given.items()
    }
    return {person: ballot for person, ballot in ballots.items() if ballot}


def tally_project(
    amounts: Mapping[int, int], *, received: int = 0, voices: Mapping[int, int] | None = None, linked: int = 0
) -> ProjectTally:
    """The tally of a project from its histograms.

    `amounts`: n[x], how many persons have the counted amount x (cents); `voices`: how many persons support
    d projects, by d.
    """
    return ProjectTally(
        received=Cents(received),
        persons=sum(amounts.values()),
        counted=Cents(sum(x * persons for x, persons in amounts.items())),
        roots=sum(root(x) * persons for x, persons in amounts.items()),
        squares=sum(root(x) ** 2 * persons for x, persons in amounts.items()),
        voices=sum(UNIT // projects * persons for projects, persons in (voices or {}).items()),
        linked=linked,
    )


def tally_gifts(
    gifts: Iterable[Gift], rules: Rules, *, groups: Groups | None = None
) -> dict[str, ProjectTally]:
    """The tally of a list of gifts, by project, in the byte order of the project keys.

    `groups` only serves `cluster`; without it the projects that a person supports are their groups.
    """
    given, received = merge(gifts)
    ballots = ballots_of(given, rules.counting)
    amounts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    voices: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for ballot in ballots.values():
        for project, x in ballot.items():
            amounts[project][x] += 1
            if rules.mechanism is Mechanism.HEADS:
                voices[project][len(ballot)] += 1
    linked: Mapping[str, int] = {}
    if rules.mechanism is Mechanism.PAIRWISE:
        linked = pairwise_support(ballots, m=rules.pairwise_m)
    elif rules.mechanism is Mechanism.CLUSTER:
        linked = cluster_support(ballots, form=rules.cluster_form, groups=groups)
    return {
        project: tally_project(
            amounts[project],
            received=received[project],
            voices=voices[project],
            linked=linked.get(project, 0),
        )
        for project in sorted(received)
    }
