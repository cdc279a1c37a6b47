"""Limits on guessing, counted in PostgreSQL: they hold over all processes, and two who try at once are both counted."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection

from abonde.core.clock import transaction_time
from abonde.matching.refusal import Refusal
from abonde.register.models import Attempt

FORGOTTEN_AFTER: Final = timedelta(days=2)
AN_HOUR: Final = timedelta(hours=1)

COUNT: Final = """
WITH before AS (
    SELECT coalesce(sum(number) FILTER (WHERE hour < date_trunc('hour', now())), 0) AS earlier,
           coalesce(sum(number), 0) AS so_far
    FROM register_attempt WHERE subject = %(subject)s AND hour > now() - make_interval(secs => %(seconds)s)
)
INSERT INTO register_attempt (subject, hour, number)
SELECT %(subject)s, date_trunc('hour', now()), 1 FROM before WHERE so_far < %(most)s
ON CONFLICT (subject, hour) DO UPDATE SET number = register_attempt.number + 1
WHERE register_attempt.number + (SELECT earlier FROM before) < %(most)s
"""
"""Writes nothing for whoever is past the limit: refusing somebody who goes on and on costs one look. Of those who come at
the same moment each meets the number that the one before left."""


class TooOften(Refusal):
    """Too many attempts: one has to wait."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many attempts within a time (whole hours), by each of one kind of subject."""

    kind: str
    most: int
    within: timedelta


def count_attempt(limit: Limit, who: str) -> None:
    """Count an attempt, before what it tries: a failure takes nothing of it back. Raises TooOften, and counts nothing then.

    `who` is hashed under the installation's key: the table names nobody.
    """
    subject = hmac.digest(settings.SECRET_KEY.encode(), f"{limit.kind}\0{who}".encode(), hashlib.sha256)
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT, {"subject": subject, "seconds": limit.within.total_seconds(), "most": limit.most}
        )
        if cursor.rowcount:
            return
    if limit.within > AN_HOUR:
        raise TooOften("Too many tries. Try again tomorrow, or ask at the counter.")
    raise TooOften("Too many tries. Wait for an hour, then try again; or ask at the counter.")


def forget_attempts() -> int:
    """Remove what no limit looks at any more; how many rows."""
    return Attempt.objects.filter(hour__lt=transaction_time() - FORGOTTEN_AFTER).delete()[0]
