"""Sharing one pot out exactly: find the level, respect every ceiling, round by largest remainder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shared:
    """A pot shared out.

    Every project below its ceiling gets raw · `left` / `rest` (λ, in cents per unit of raw support), rounded by
    largest remainder to `cents`; `at_ceiling` says which ones got their ceiling instead. λ is 0/1 where none is
    below. The cents and `unspent` add up to the pot.
    """

    cents: list[int]
    at_ceiling: list[bool]
    left: int
    rest: int
    unspent: int


def share_out(
    pot: int, raw: Sequence[int], ceilings: Sequence[int | None], *, redistribute: bool = True
) -> Shared:
    """Share `pot` cents in proportion to `raw`, no project above its ceiling (cents, `None` for no ceiling).

    With `redistribute`, λ is the largest number with Σ min(λ·raw, ceiling) ≤ pot, so what a ceiling cuts off goes to
    the others; without it, λ is taken before the ceilings and what they cut off is unspent. Projects come in the
    byte order of their keys: an earlier one wins the tie for a last cent. O(P log P), integers only.
    """
    rest, left = sum(raw), pot
    limited = [p for p, ceiling in enumerate(ceilings) if ceiling is not None and raw[p]]
    if redistribute:
        # Ceilings bind in the order of ceiling/raw. The shift keeps any two different ratios apart as integers.
        shift = 2 * max(raw, default=0).bit_length()
        limited.sort(key=lambda p: (ceilings[p] << shift) // raw[p])  # type: ignore[operator]
    at_ceiling = [False] * len(raw)
    cents = [0] * len(raw)
    for p in limited:
        ceiling: int = ceilings[p]  # type: ignore[assignment]
        if raw[p] * left >= ceiling * rest:
            at_ceiling[p], cents[p] = True, ceiling
            if redistribute:
                rest -= raw[p]
                left -= ceiling
        elif redistribute:
            break
    below = [p for p, support in enumerate(raw) if support and not at_ceiling[p]]
    if not below:
        return Shared(cents, at_ceiling, 0, 1, pot - sum(cents))
    remainders = [0] * len(raw)
    for p in below:
        cents[p], remainders[p] = divmod(raw[p] * left, rest)
    missing = sum(remainders) // rest
    # sorted() is stable, also in reverse: among equal remainders the smaller key comes first.
    for p in sorted(below, key=remainders.__getitem__, reverse=True)[:missing]:
        cents[p] += 1
    return Shared(cents, at_ceiling, left, rest, pot - sum(cents))


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` cents in proportion to `weights`; the last cents go to the largest fractional parts."""
    return share_out(total, weights, [None] * len(weights)).cents
