"""The `cluster` kernel: `abonde.matching.cluster` for a million people, with the same bits.

Projects are measured one by one, each on one thread, with A only among the groups that its supporters belong to:
towards any other group nothing comes back, and √(A[g,h] · A[h,g]) is 0. A person's part is a rounded coefficient times
their amount (soft), or one of two rounded amounts (paper), so that people with one and the same group are added up
before they are spread over the others, without a bit of difference.
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from abonde.engines.engine import Progress
from abonde.engines.matrix import GroupMatrix, SupportMatrix
from abonde.engines.threads import CORES, worker_threads
from abonde.matching import ROOT_BITS, SCALE, Cents, ClusterForm, Refusal
from abonde.matching.cluster import CENTS_PER_EURO
from abonde.matching.cluster import cluster_support as reference

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]

MOST_GROUPS: Final = 5000
"""Every thread keeps two tables of groups by groups and all share a third, each of 200 MB at this size."""

LARGEST_SUM: Final = 1 << 32
"""Below so many cents on one project, all sums for it stay below 2⁶²."""

LARGEST_BY_REFERENCE: Final = 1 << 22
"""Gifts times groups up to which the reference, whose integers have no end, takes a few seconds at most."""

HALF: Final = 32
LOW: Final = (1 << HALF) - 1


class Memberships(NamedTuple):
    """The groups `group[start[i]:start[i+1]]` of person i, with their `weight` and its `total` by person."""

    start: Int64s
    group: Int32s
    weight: Int64s
    total: Int64s


def cluster_support(
    matrix: SupportMatrix,
    *,
    form: ClusterForm,
    groups: GroupMatrix | None = None,
    threads: int = CORES,
    progress: Progress | None = None,
) -> list[int]:
    """raw[p] in 1/S² cents, by project of the matrix. Equal to `matching.cluster` bit for bit.

    Without `groups` the projects that a person supports are their groups. Raises Refusal for more than MOST_GROUPS
    groups, and for amounts that are too large to be added up.
    """
    start, person, amount = _by_project(matrix.start, matrix.project, matrix.amount, len(matrix.projects))
    names = matrix.projects if groups is None else groups.groups
    if len(names) > MOST_GROUPS:
        raise Refusal(
            "There are {groups} groups to measure connections between; cluster support works with {most} at most: "
            "merge small groups, or use pairwise.",
            groups=len(names),
            most=MOST_GROUPS,
        )
    if any(amount[first:last].sum(dtype=np.float64) >= LARGEST_SUM for first, last in _spans(start)):
        return _by_reference(matrix, form, groups)
    memberships = _memberships(matrix, groups)
    measure = (
        partial(_soft, memberships, _drift(*memberships, len(names)))
        if form is ClusterForm.SOFT
        else partial(_paper, memberships, _meeting(memberships.start, memberships.group, len(names)))
    )

    def support(project: int) -> int:
        gifts = slice(start[project], start[project + 1])
        high, low = measure(person[gifts], amount[gifts])
        return 2 * ((int(high) << HALF) + int(low))

    raw, done, sizes = [0] * len(matrix.projects), 0, np.diff(start)
    cents = 1 if form is ClusterForm.SOFT else CENTS_PER_EURO
    longest_first = np.argsort(-sizes, kind="stable").tolist()
    with worker_threads(threads) as pool:
        for project, across in zip(longest_first, pool.map(support, longest_first), strict=True):
            raw[project] = across * cents << ROOT_BITS
            done += int(sizes[project])
            if progress is not None:
                progress(done / len(person) if len(person) else 1.0)
    return raw


def _spans(start: Int64s) -> list[tuple[int, int]]:
    return list(zip(start[:-1].tolist(), start[1:].tolist(), strict=True))


def _memberships(matrix: SupportMatrix, groups: GroupMatrix | None) -> Memberships:
    if groups is None:
        up_to = np.append(0, np.cumsum(matrix.amount))
        total = up_to[matrix.start[1:]] - up_to[matrix.start[:-1]]
        return Memberships(matrix.start, matrix.project, matrix.amount, total)
    return Memberships(
        groups.start, groups.group, np.ones(len(groups.group), np.int64), np.diff(groups.start)
    )


def _by_reference(matrix: SupportMatrix, form: ClusterForm, groups: GroupMatrix | None) -> list[int]:
    names = matrix.projects if groups is None else groups.groups
    if len(matrix.project) * len(names) > LARGEST_BY_REFERENCE:
        raise Refusal(
            "A project has received more than {cents} cents, too much to measure cluster support in so large a round; "
            "check the amounts.",
            cents=LARGEST_SUM,
        )
    ballots = {
        str(i): {matrix.projects[matrix.project[k]]: Cents(int(matrix.amount[k])) for k in range(first, last)}
        for i, (first, last) in enumerate(_spans(matrix.start))
    }
    belonging = (
        None
        if groups is None
        else {
            str(i): frozenset(groups.groups[g] for g in groups.group[first:last])
            for i, (first, last) in enumerate(_spans(groups.start))
        }
    )
    support = reference(ballots, form=form, groups=belonging)
    return [support.get(project, 0) for project in matrix.projects]


@njit(cache=True)
def _by_project(
    start: Int64s, project: Int32s, amount: Int64s, projects: int
) -> tuple[Int64s, Int32s, Int64s]:
    """The matrix by project: where each begins, its supporters, and their amounts."""
    begin = np.zeros(projects + 1, np.int64)
    for p in project:
        begin[p + 1] += 1
    for p in range(projects):
        begin[p + 1] += begin[p]
    free = begin[:-1].copy()
    person, given = np.empty(len(project), np.int32), np.empty(len(project), np.int64)
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            k = free[project[e]]
            person[k], given[k] = i, amount[e]
            free[project[e]] = k + 1
    return begin, person, given


@njit(cache=True, error_model="numpy")
def _drift(start: Int64s, group: Int32s, weight: Int64s, total: Int64s, groups: int) -> Doubles:
    """U·N: how much of what the members of group g belong to is group h."""
    of_group = np.zeros(groups, np.int64)
    shared = np.zeros((groups, groups), np.int64)
    for i in range(len(total)):
        for e in range(start[i], start[i + 1]):
            of_group[group[e]] += weight[e]
            for f in range(start[i], start[i + 1]):
                shared[group[e], group[f]] += np.int64(
                    np.rint(float(weight[e]) * float(weight[f]) * SCALE / total[i])
                )
    drift = np.zeros((groups, groups))
    for g in range(groups):
        for h in range(groups):
            if shared[g, h]:
                drift[g, h] = float(shared[g, h]) / (float(of_group[g]) * SCALE)
    return drift


@njit(cache=True)
def _meeting(start: Int64s, group: Int32s, groups: int) -> Bools:
    """Whether groups g and h share a member."""
    meeting = np.zeros((groups, groups), np.bool_)
    for i in range(len(start) - 1):
        for g in group[start[i] : start[i + 1]]:
            for h in group[start[i] : start[i + 1]]:
                meeting[g, h] = True
    return meeting


@njit(nogil=True, cache=True, error_model="numpy")
def _soft(
    memberships: Memberships, drift: Doubles, persons: Int32s, amounts: Int64s
) -> tuple[np.int64, np.int64]:
    """What the supporters of one project bring across groups, as `_across` gives it."""
    start, group, weight, total = memberships
    place, near = _among_touched(persons, start, group, drift)
    brought = np.zeros(near.shape, np.int64)  # A
    of_one_group = np.zeros(len(near), np.int64)
    new = np.empty(len(near))  # 1 − k
    for k in range(len(persons)):
        i = persons[k]
        mine = range(start[i], start[i + 1])
        if len(mine) == 1:
            of_one_group[place[group[start[i]]]] += amounts[k]
        elif len(mine) > 1:
            new[:] = 0.0
            for e in mine:
                _add_scaled(new, near[place[group[e]]], weight[e] / total[i])
            _rest_of_one(new)
            for e in mine:
                new[place[group[e]]] = 0.0
            for e in mine:
                _bring(brought[place[group[e]]], new, weight[e] / total[i], amounts[k])
    for g in range(len(near)):
        if of_one_group[g]:
            new[:] = near[g]
            _rest_of_one(new)
            new[g] = 0.0
            _bring(brought[g], new, 1.0, of_one_group[g])
    return _across(brought)


@njit(nogil=True, cache=True, error_model="numpy")
def _paper(
    memberships: Memberships, meeting: Bools, persons: Int32s, amounts: Int64s
) -> tuple[np.int64, np.int64]:
    """What the supporters of one project bring across groups, as `_across` gives it."""
    start, group = memberships.start, memberships.group
    place, meets = _among_touched(persons, start, group, meeting)
    brought = np.zeros(meets.shape, np.int64)  # A
    rooted_of_one, whole_of_one = np.zeros((2, len(meets)), np.int64)
    near = np.empty(len(meets), np.bool_)
    for k in range(len(persons)):
        i = persons[k]
        mine = range(start[i], start[i + 1])
        if len(mine) == 0:
            continue
        euros = amounts[k] / CENTS_PER_EURO
        rooted = np.int64(np.rint(np.sqrt(euros) * SCALE / len(mine)))
        whole = np.int64(np.rint(euros * SCALE / len(mine)))
        if len(mine) == 1:
            rooted_of_one[place[group[start[i]]]] += rooted
            whole_of_one[place[group[start[i]]]] += whole
        else:
            near[:] = False
            for e in mine:
                _add_near(near, meets[place[group[e]]])
            for e in mine:
                _bring_either(brought[place[group[e]]], near, rooted, whole)
    for g in range(len(meets)):
        _bring_either(brought[g], meets[g], rooted_of_one[g], whole_of_one[g])
    return _across(brought)


@njit(error_model="numpy")
def _among_touched(
    persons: Int32s, start: Int64s, group: Int32s, table: NDArray[np.generic]
) -> tuple[Int64s, NDArray[np.generic]]:
    """The place of each group among those that these people belong to, and the table of those groups alone."""
    place = np.full(len(table), -1)
    for i in persons:
        for e in range(start[i], start[i + 1]):
            place[group[e]] = 0
    size = 0
    for g in range(len(table)):
        if place[g] == 0:
            place[g] = size
            size += 1
    among = np.empty((size, size), table.dtype)
    for g in range(len(table)):
        if place[g] >= 0:
            for h in range(len(table)):
                if place[h] >= 0:
                    among[place[g], place[h]] = table[g, h]
    return place, among


@njit(error_model="numpy")
def _add_scaled(sums: Doubles, values: Doubles, factor: float) -> None:
    for k in range(len(sums)):
        sums[k] += factor * values[k]


@njit(error_model="numpy")
def _rest_of_one(parts: Doubles) -> None:
    for k in range(len(parts)):
        parts[k] = max(1.0 - parts[k], 0.0)


@njit(error_model="numpy")
def _add_near(near: Bools, others: Bools) -> None:
    for k in range(len(near)):
        near[k] |= others[k]


@njit(error_model="numpy")
def _bring(row: Int64s, new: Doubles, share: float, amount: int) -> None:
    for h in range(len(row)):
        row[h] += amount * np.int64(np.rint(share * new[h] * SCALE))


@njit(error_model="numpy")
def _bring_either(row: Int64s, near: Bools, rooted: np.int64, whole: np.int64) -> None:
    for h in range(len(row)):
        row[h] += rooted if near[h] else whole


@njit(error_model="numpy")
def _across(brought: Int64s) -> tuple[np.int64, np.int64]:
    """Σ √(A[g,h] · A[h,g]) over g < h, each root rounded, as multiples of 2³² and the rest."""
    high, low = np.int64(0), np.int64(0)
    for g in range(len(brought)):
        for h in range(g):
            root = np.int64(np.rint(np.sqrt(float(brought[g, h]) * float(brought[h, g]))))
            high += root >> HALF
            low += root & LOW
    return high, low
