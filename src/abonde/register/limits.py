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

COUNT: Final = """
INSERT INTO register_attempt (subject, hour, number) VALUES (%s, date_trunc('hour', now()), 1)
ON CONFLICT (subject, hour) DO UPDATE SET number = register_attempt.number + 1
"""
SUM: Final = "SELECT coalesce(sum(number), 0) FROM register_attempt WHERE subject = %s AND hour > now() - make_interval(secs => %s)"


class TooOften(Refusal):
    """Too many attempts: one has to wait."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many attempts within a time (whole hours), by each of one kind of subject."""

    kind: str
    most: int
    within: timedelta


def count_attempt(limit: Limit, who: str) -> None:
    """Count an attempt, then look whether it was one too many: nothing of it is undone. Raises TooOften.

    `who` is hashed under the installation's key: the table names nobody.
    """
    subject = hmac.digest(settings.SECRET_KEY.encode(), f"{limit.kind}\0{who}".encode(), hashlib.sha256)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [subject])
        cursor.execute(SUM, [subject, limit.within.total_seconds()])
        (number,) = cursor.fetchone()
    if number > limit.most:
        raise TooOften("Too many tries. Wait for an hour, then try again; or ask at the counter.")


def forget_attempts() -> int:
    """Remove what no limit looks at any more; how many rows."""
    return Attempt.objects.filter(hour__lt=transaction_time() - FORGOTTEN_AFTER).delete()[0]
