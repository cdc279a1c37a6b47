"""Pairwise-bounded quadratic support (Buterin 2019), in fixed point, written straight from the formula.

    raw[p] = Σ_{i≠j} √x_ip · √x_jp · M / (M + K_ij)        K_ij = Σ_q √x_iq · √x_jq

Two people who agree on everything bring less than two who only meet here. Every term is rounded to a whole number
of 2⁻³⁰ cents and then added as an integer, so that the order of people and the number of machines change nothing;
K_ij is added in the byte order of the project keys, in IEEE double precision, without fused operations.
Source: V. Buterin, "Pairwise coordination subsidies", ethresear.ch, 2019.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from math import sqrt

from abonde.matching.amounts import Cents
from abonde.matching.roots import ROOT_BITS, SCALE


def pairwise_support(ballots: Mapping[str, Mapping[str, Cents]], *, m: Cents) -> dict[str, int]:
    """raw[p] in 1/S² cents, from the counted amounts (cents) by person and project; `m` is M in cents.

    O(people² · projects in common): the reference for small rounds, which the kernels must equal bit for bit.
    """
    roots = [{project: sqrt(ballot[project]) for project in sorted(ballot)} for ballot in ballots.values()]
    support: defaultdict[str, int] = defaultdict(int)
    scaled = float(m) * SCALE
    for one, other in combinations(roots, 2):
        common = [project for project in one if project in other]
        agreement = 0.0
        for project in common:
            agreement += one[project] * other[project]
        for project in common:
            support[project] += 2 * round(one[project] * other[project] * scaled / (m + agreement))
    return {
        project: support[project] << ROOT_BITS for project in sorted({p for b in ballots.values() for p in b})
    }
