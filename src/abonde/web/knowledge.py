"""What the pages of an organisation may not even ask the database for, whatever mistake a page makes.

The certifier knows people and may not learn what they give; hosts and funders know gifts and may not learn who stands
behind a voice. Permissions say who may open a page; here the connection itself refuses, while a page is only read, any
question about the other side. What changes something (a voice that goes takes its gifts out of the
count) goes through actions, which show nothing of what they read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import ProgrammingError, connection
from psycopg.errors import InsufficientPrivilege

from abonde.organisations.models import Kind, Organisation
from abonde.web.separation import reading_as

GIFTS: Final = re.compile(
    r"(?s)(?!SELECT COUNT\()(?=.*\b(?:giving_basketline|giving_pledge|giving_support|payments_))"
)
"""What ties gifts to a person; how many people there are may be counted, and contributions know no person."""
PIVOTS: Final = re.compile(
    r'(?s)(?=.*\bregister_(?:entry|alias|row|piece|postedcode|proposal)\b)(?=.*"(?:key|place_key|sealed|digest)")'
)
"""The fingerprints of people; how many entries there are may be counted."""
HIDDEN_FROM: Final[Mapping[Kind, tuple[re.Pattern[str], ...]]] = {
    Kind.CERTIFIER: (GIFTS,),
    Kind.HOST: (PIVOTS,),
    Kind.FUNDER: (GIFTS, PIVOTS),
}
READING: Final = frozenset({"GET", "HEAD"})


class NotTheirsToKnow(RuntimeError):
    """A page asked for what its organisation may not learn: it is not there for them."""


@contextmanager
def only_what_concerns(organisation: Organisation, method: str | None) -> Iterator[None]:
    """While the page is drawn, refuse questions about what is hidden from the organisation."""
    if method not in READING:
        yield
        return
    kind = Kind(organisation.kind)
    try:
        with reading_as(kind), connection.execute_wrapper(_refusing(HIDDEN_FROM[kind])):
            yield
    except ProgrammingError as mistake:
        if isinstance(mistake.__cause__, InsufficientPrivilege):
            raise NotTheirsToKnow(str(mistake)) from mistake
        raise


def _refusing(hidden: tuple[re.Pattern[str], ...]) -> Callable[..., Any]:
    def look(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: ANN401, FBT001  Django's signature
        if any(pattern.match(str(sql)) for pattern in hidden):
            raise NotTheirsToKnow(str(sql)[:200])
        return execute(sql, params, many, context)

    return look
