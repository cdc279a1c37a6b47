"""What is left of a time is said in one unit, in days as long as there are some."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation
from django.utils.timezone import now

from abonde.web.templatetags.abonde import left

NO_BREAK = "\u00a0"


@pytest.mark.parametrize(
    ("ahead", "french", "english"),
    [
        (timedelta(days=11, hours=5), "11 jours", "11 days"),
        (timedelta(days=1, hours=20), "1 jour", "1 day"),
        (timedelta(hours=5, minutes=30), "5 heures", "5 hours"),
        (timedelta(minutes=-3), "0 minute", "0 minutes"),
    ],
)
def test_what_is_left_is_said_in_one_unit(ahead: timedelta, french: str, english: str) -> None:
    moment = now() + ahead + timedelta(seconds=10)
    for language, said in (("fr", french), ("en", english)):
        with translation.override(language):
            assert left(moment).replace(NO_BREAK, " ") == said
