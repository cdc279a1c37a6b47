"""The settled gifts of a round out of PostgreSQL, as columns of numbers: a million rows in a few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from abonde.engines.rows import GiftRows
from abonde.matching.refusal import Refusal
from abonde.projects.models import Project
from abonde.rounds.models import Round

_COPY: Final = """
    COPY (
        SELECT person_id, project_id, cents, eligible FROM giving_support
        WHERE project_id = ANY(%s::bigint[]) AND cents > 0
    ) TO STDOUT (FORMAT BINARY)
"""

_ROW: Final = np.dtype(
    [
        ("columns", ">i2"),
        ("person_bytes", ">i4"),
        ("person_high", ">u8"),
        ("person_low", ">u8"),
        ("project_bytes", ">i4"),
        ("project", ">i8"),
        ("cents_bytes", ">i4"),
        ("cents", ">i8"),
        ("eligible_bytes", ">i4"),
        ("eligible", "?"),
    ]
)
"""A row of PostgreSQL's binary COPY format (its manual, under COPY): no column is null, so all rows are alike."""

_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"

_UNLIKE: Final = """
    SELECT project.name
    FROM (
        SELECT support.project_id, support.person_id, sum(support.cents) kept
        FROM giving_support support JOIN projects_project project ON project.id = support.project_id
        WHERE project.round_id = %(round)s GROUP BY 1, 2
    ) support
    FULL JOIN (
        SELECT contribution.project_id, pledge.person_id, sum(contribution.amount) settled
        FROM giving_contribution contribution JOIN giving_pledge pledge ON pledge.id = contribution.pledge_id
        WHERE pledge.round_id = %(round)s AND contribution.state = 'settled' GROUP BY 1, 2
    ) given USING (project_id, person_id)
    JOIN projects_project project ON project.id = project_id
    WHERE coalesce(kept, 0) <> coalesce(settled, 0) LIMIT 1
"""


class Mismatch(Refusal):
    """What is kept beside the contributions is not what they add up to."""


def read_gifts(projects: Sequence[Project]) -> tuple[GiftRows, NDArray[np.uint64]]:
    """What each person settled for each of the projects, in one canonical order; and the persons' ids.

    The ids, in the order of the persons' numbers, are pairs of 64-bit halves: they are only there to be hashed.
    """
    rows = np.frombuffer(_copy([project.pk for project in projects]), _ROW)
    high, low = rows["person_high"].astype(np.uint64), rows["person_low"].astype(np.uint64)
    by_id = np.array([project.pk for project in projects], np.int64)
    ranked = np.argsort(by_id)
    project = ranked[np.searchsorted(by_id[ranked], rows["project"].astype(np.int64))]
    order = np.lexsort((project, low, high))
    high, low = high[order], low[order]
    first = np.append(True, (high[1:] != high[:-1]) | (low[1:] != low[:-1]))[: len(order)]
    gifts = GiftRows(
        projects=[one.key for one in projects],
        person=np.cumsum(first, dtype=np.int64) - 1,
        project=project[order].astype(np.int64),
        cents=rows["cents"][order].astype(np.int64),
        eligible=rows["eligible"][order].copy(),
    )
    return gifts, np.stack([high[first], low[first]], axis=1)


def check_kept(round: Round) -> None:  # noqa: A002  (the word of the domain)
    """Compare what is kept per person and project with the settled contributions. Raises Mismatch."""
    with connection.cursor() as cursor:
        cursor.execute(_UNLIKE, {"round": round.pk})
        found = cursor.fetchone()
    if found:
        raise Mismatch(
            "The sums that are kept for {project} are not those of its settled contributions. Nothing was computed: "
            "have the totals of the round built anew, then compute again.",
            project=found[0],
        )


def _copy(projects: list[int]) -> bytes:
    with connection.cursor() as cursor, cursor.copy(_COPY, [projects]) as copy:
        copied = b"".join(copy)
    if not copied.startswith(_HEADER) or not copied.endswith(_TRAILER):
        raise RuntimeError("PostgreSQL's binary copy format is not the one that is documented")
    return copied[len(_HEADER) : -len(_TRAILER)]
