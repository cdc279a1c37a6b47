"""What a file would change in its register, counted in PostgreSQL and, once confirmed, written there in one transaction.

Docs: docs/design/register.md, "Bringing a file". A row is an entry's if the key is the same and the birthplace too, or if
one of the two is unknown and nobody else comes into question; two who do are for people to tell apart.
"""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from abonde.register.importing_ends import end, record_import_event
from abonde.register.models import Import, Register
from abonde.register.states import State

FORGET_FAULTS: Final = """
UPDATE register_row SET entry_id = NULL, fault = '' WHERE of_id = %(of)s AND fault IN ('twice', 'ambiguous')
"""

FIND_TWICE: Final = """
WITH ranked AS (
    SELECT id, row_number() OVER (PARTITION BY key, place_key ORDER BY number) AS nth
    FROM register_row WHERE of_id = %(of)s AND fault = ''
)
UPDATE register_row found SET entry_id = NULL, fault = 'twice' FROM ranked WHERE ranked.id = found.id AND ranked.nth > 1
"""

FIND_AMBIGUOUS: Final = """
WITH known AS (
    SELECT id, count(*) OVER of_key AS number, bool_or(place_key = '') OVER of_key AS is_vague
    FROM register_row WHERE of_id = %(of)s AND fault = '' WINDOW of_key AS (PARTITION BY key)
)
UPDATE register_row found SET entry_id = NULL, fault = 'ambiguous' FROM known
WHERE known.id = found.id AND known.number > 1 AND known.is_vague
"""

MATCH: Final = """
WITH matched AS (
    SELECT one.id, entry.id AS entry_id FROM register_row one LEFT JOIN register_entry entry
        ON entry.register_id = %(register)s AND entry.key = one.key AND entry.place_key = one.place_key
    WHERE one.of_id = %(of)s AND one.fault = ''
)
UPDATE register_row found SET entry_id = matched.entry_id FROM matched
WHERE matched.id = found.id AND found.entry_id IS DISTINCT FROM matched.entry_id
"""
"""Compared a second time, most rows are left alone."""

MATCH_WITHOUT_PLACE: Final = """
WITH pairs AS (
    SELECT found.id AS row_id, entry.id AS entry_id, count(*) OVER (PARTITION BY found.key) AS number
    FROM register_row found JOIN register_entry entry
        ON entry.key = found.key AND (entry.place_key = '' OR found.place_key = '')
    WHERE found.of_id = %(of)s AND found.fault = '' AND found.entry_id IS NULL AND entry.register_id = %(register)s
        AND NOT EXISTS (SELECT FROM register_row taken WHERE taken.of_id = %(of)s AND taken.entry_id = entry.id)
)
UPDATE register_row found SET
    entry_id = CASE WHEN pairs.number = 1 THEN pairs.entry_id END,
    fault = CASE WHEN pairs.number = 1 THEN '' ELSE 'ambiguous' END
FROM pairs WHERE pairs.row_id = found.id
"""

IS_CHANGED: Final = """(
    entry.left_at IS NOT NULL OR entry.origin <> 'import' OR entry."group" <> found."group"
    OR (found.place_key <> '' AND found.place_key <> entry.place_key)
)"""

IS_GONE: Final = """
    entry.register_id = %(register)s AND entry.origin = 'import' AND entry.left_at IS NULL
    AND NOT EXISTS (SELECT FROM register_row found WHERE found.of_id = %(of)s AND found.entry_id = entry.id)
    AND NOT EXISTS (
        SELECT FROM register_row found WHERE found.of_id = %(of)s AND found.fault = 'ambiguous' AND found.key = entry.key
    )
"""

COUNT_ROWS: Final = f"""
SELECT count(*) FILTER (WHERE found.fault = '' AND entry.id IS NULL) AS new,
    count(*) FILTER (WHERE entry.id IS NOT NULL AND NOT {IS_CHANGED}) AS unchanged,
    count(*) FILTER (WHERE entry.id IS NOT NULL AND entry.left_at IS NULL AND {IS_CHANGED}) AS changed,
    count(*) FILTER (WHERE entry.left_at IS NOT NULL) AS returned,
    count(*) FILTER (WHERE found.fault <> '') AS bad
FROM register_row found LEFT JOIN register_entry entry ON entry.id = found.entry_id WHERE found.of_id = %(of)s
"""  # noqa: S608  (made of the constants above)

COUNT_GONE: Final = f"""
SELECT count(*) AS gone, count(*) FILTER (WHERE EXISTS (
    SELECT FROM register_certificate held WHERE held.entry_id = entry.id AND held.revoked_at IS NULL
)) AS gone_with_voice
FROM register_entry entry WHERE {IS_GONE}
"""  # noqa: S608

CHANGE: Final = f"""
UPDATE register_entry entry SET left_at = NULL, origin = 'import', "group" = found."group",
    place_key = CASE WHEN found.place_key = '' THEN entry.place_key ELSE found.place_key END
FROM register_row found WHERE found.of_id = %(of)s AND found.entry_id = entry.id AND {IS_CHANGED}
"""  # noqa: S608

LEAVE: Final = f"UPDATE register_entry entry SET left_at = now() WHERE {IS_GONE}"  # noqa: S608

ADD: Final = """
INSERT INTO register_entry (register_id, key, place_key, "group", origin)
SELECT %(register)s, key, place_key, "group", 'import' FROM register_row
WHERE of_id = %(of)s AND fault = '' AND entry_id IS NULL
"""

LOOK_AT_SIZES: Final = "ANALYZE register_row, register_entry"
"""Half a million rows may just have come in: unless PostgreSQL knows, it compares each of them with each."""

SORT_IN_MEMORY: Final = "SET LOCAL work_mem = '64MB'"

MATCHING: Final = (FORGET_FAULTS, FIND_TWICE, FIND_AMBIGUOUS, MATCH, MATCH_WITHOUT_PLACE)


def compare(*, import_id: int) -> None:
    """Count what the file, now read, would change; the import then waits for its confirmation."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK_AT_SIZES)
    with transaction.atomic():
        underway = _locked(import_id)
        if underway.state != State.READING:
            return
        underway.counts = _compared(underway)
        underway.state = State.COMPARED
        underway.save(update_fields=["counts", "state"])
        record_import_event(underway, person=None, verb="compare_import")


def apply(*, import_id: int) -> None:
    """Write the register as the file has it: all of it or, if anything fails, nothing. A second call does nothing.

    What left the register keeps its entry, marked as gone, and its voice if it has one: taking that back is for people.
    """
    with transaction.atomic():
        underway = _locked(import_id)
        if underway.state != State.APPLYING:
            return
        # Entries may have come in at the counter since: who adds one waits for this lock, and is compared with.
        Register.objects.select_for_update(no_key=True).get(pk=underway.register_id)
        underway.counts = _compared(underway)
        for statement in (CHANGE, LEAVE, ADD):
            _ask(underway, statement)
        end(underway, State.DONE, person=None, verb="finish_import")


def _locked(import_id: int) -> Import:
    rows = Import.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("register__owner").get(pk=import_id)


def _compared(underway: Import) -> dict[str, int]:
    for statement in (SORT_IN_MEMORY, *MATCHING):
        _ask(underway, statement)
    return {**_ask(underway, COUNT_ROWS), **_ask(underway, COUNT_GONE)}


def _ask(underway: Import, statement: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"of": underway.pk, "register": underway.register_id})
        if cursor.description is None:
            return {}
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))
