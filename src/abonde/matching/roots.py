"""Exact integer square roots: the only place where the mechanism meets an irrational number."""

from __future__ import annotations

from functools import lru_cache
from math import isqrt
from typing import Final

ROOT_BITS: Final = 30
SCALE: Final = 1 << ROOT_BITS
"""S: a root is kept as a whole number of 1/S."""

UNIT: Final = SCALE * SCALE
"""S²: raw support is a whole number of 1/S² cents, so that a root squared is in the same unit."""


@lru_cache(maxsize=1 << 16)
def root(cents: int) -> int:
    """r(x) = ⌊√x · S⌋, exactly: the integer square root of x · S²."""
    return isqrt(cents << (2 * ROOT_BITS))
