"""What every engine offers, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from abonde.matching import Groups, ProjectTally, Rules

Progress = Callable[[float], None]
"""Called now and then with the part of the work that is done, from 0 to 1."""


class FileFormat(StrEnum):
    """The formats in which gifts come to an engine."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftFile:
    """A file of gifts, one per row, whose header has been looked at and found usable.

    `person`, `project`, `cents` and `eligible` are the names of its columns, `eligible` being absent where every
    gift may be matched. For Parquet, `path` may be a folder with the parts of one dataset.
    For CSV: `delimiter` and `encoding` (Python's names) as found in the file.
    """

    path: Path
    format: FileFormat
    person: str = "person"
    project: str = "project"
    cents: str = "cents"
    eligible: str | None = None
    delimiter: str = ","
    encoding: str = "utf-8"


class Engine(Protocol):
    """A way to count. Every engine finds the same integers, whatever the order of the rows or the threads."""

    @property
    def name(self) -> str: ...

    def tally(
        self, gifts: GiftFile, rules: Rules, *, groups: Groups | None = None, progress: Progress | None = None
    ) -> dict[str, ProjectTally]:
        """The tally by project, in the byte order of the keys: equal to `tally_gifts` on the same rows.

        Raises Refusals with a sentence for each of the first 20 rows that cannot be used, and Refusal where the
        numbers do not fit this engine.
        """
        ...
