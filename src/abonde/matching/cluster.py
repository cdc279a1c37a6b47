"""Connection-oriented cluster matching (Miller, Weyl, Erichsen 2022), in fixed point, from the formulas.

People belong to groups: the ones they are said to belong to, or else the projects that they support. Support that
comes from several groups counts more than the same support from within one. Both forms end in the same sum over
ordered pairs of groups, where A[g,h] is what group g brings as seen from group h:

    raw[p] = Σ_{g≠h} √(A[g,h] · A[h,g])

paper form   A[g,h] = Σ_{i∈g} K(i,h) / T_i   K = √x_i where i shares a group with a member of h, else x_i (euros)
soft form    A[g,h] = Σ_i N_ig · (1 − k_ih) · x_i   k = max(N·U·N, 1[i∈h])   (cents; linear in x)

N: each person's weights on their groups, adding up to 1; U: each group's weights on its members, adding up to 1.
Where the groups are projects the weights are the counted gifts, else all equal. Every person's part is rounded to
an integer before it is added, and so is every root: no order, and no number of machines, changes a bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from typing import Final

from abonde.matching.amounts import Cents
from abonde.matching.roots import ROOT_BITS, SCALE
from abonde.matching.rules import ClusterForm

Weights = Mapping[str, Mapping[str, int]]
"""How strongly each person belongs to each of their groups: person → group → weight."""

Parts = Callable[[str, int, Sequence[str]], Iterator[tuple[str, str, int]]]
"""What a person's counted amount adds to A[g,h], for every group g of theirs and every other group h."""

CENTS_PER_EURO: Final = 100


def cluster_support(
    ballots: Mapping[str, Mapping[str, Cents]],
    *,
    form: ClusterForm,
    groups: Mapping[str, frozenset[str]] | None = None,
) -> dict[str, int]:
    """raw[p] in 1/S² cents, from the counted amounts (cents) by person and project.

    A person whom `groups` does not mention brings nothing: connections to them are unknown.
    O(projects · people · groups): the reference for small rounds, which the kernels must equal bit for bit.
    """
    weights = _weights(ballots, groups)
    parts = _soft_parts(weights) if form is ClusterForm.SOFT else _paper_parts(weights)
    names = sorted({group for memberships in weights.values() for group in memberships})
    cents = 1 if form is ClusterForm.SOFT else CENTS_PER_EURO
    support: dict[str, int] = {}
    for project in sorted({project for ballot in ballots.values() for project in ballot}):
        brought: defaultdict[tuple[str, str], int] = defaultdict(int)
        for person, ballot in ballots.items():
            if project in ballot and person in weights:
                for g, h, part in parts(person, ballot[project], names):
                    brought[g, h] += part
        across = sum(
            round(sqrt(float(part) * float(brought.get((h, g), 0)))) for (g, h), part in brought.items()
        )
        support[project] = across * cents << ROOT_BITS
    return support


def _weights(
    ballots: Mapping[str, Mapping[str, Cents]], groups: Mapping[str, frozenset[str]] | None
) -> Weights:
    if groups is None:
        return {
            person: {project: ballot[project] for project in sorted(ballot)}
            for person, ballot in ballots.items()
        }
    return {person: dict.fromkeys(sorted(groups[person]), 1) for person in ballots if groups.get(person)}


def _paper_parts(weights: Weights) -> Parts:
    meeting: defaultdict[str, set[str]] = defaultdict(set)  # g → the groups that share a member with g
    for memberships in weights.values():
        for group in memberships:
            meeting[group].update(memberships)

    def parts(person: str, x: int, names: Sequence[str]) -> Iterator[tuple[str, str, int]]:
        mine = weights[person]
        near = set().union(*(meeting[group] for group in mine))
        euros = x / CENTS_PER_EURO
        rooted, whole = round(sqrt(euros) * SCALE / len(mine)), round(euros * SCALE / len(mine))
        for g in mine:
            for h in names:
                if g != h:
                    yield g, h, rooted if h in near else whole

    return parts


def _soft_parts(weights: Weights) -> Parts:
    of_group: defaultdict[str, int] = defaultdict(int)
    shared: defaultdict[tuple[str, str], int] = defaultdict(int)
    of_person = {person: sum(memberships.values()) for person, memberships in weights.items()}
    for person, memberships in weights.items():
        for g, weight in memberships.items():
            of_group[g] += weight
            for h, other in memberships.items():
                shared[g, h] += round(float(weight) * float(other) * SCALE / of_person[person])
    drift = {(g, h): both / (float(of_group[g]) * SCALE) for (g, h), both in shared.items()}  # U·N

    def parts(person: str, x: int, names: Sequence[str]) -> Iterator[tuple[str, str, int]]:
        mine, total = weights[person], of_person[person]
        for h in names:
            if h in mine:
                continue  # k = 1: nothing of theirs is new to a group that they belong to
            nearness = 0.0
            for g, weight in mine.items():
                nearness += weight / total * drift.get((g, h), 0.0)
            for g, weight in mine.items():
                yield g, h, x * round(weight / total * max(1.0 - nearness, 0.0) * SCALE)

    return parts
