"""Roles of PostgreSQL for the pages of organisations: who reads as a role is refused, by the database itself, what is not theirs.

A role may log in nowhere and write nothing. Whoever owns the tables gives the roles their rights after each migration; a page
takes its role for one transaction, at whose end, whatever it is, it is gone. A database whose account may make no roles goes
without: then the wall of `abonde.web.knowledge` stands alone, and `/health/ready` says so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from django.db import ProgrammingError, connection
from django.db.transaction import atomic
from psycopg import sql

from abonde.organisations.models import Kind

logger = logging.getLogger(__name__)

Readable: TypeAlias = Mapping[str, tuple[str, ...]]

GIFTS: Final[Readable] = {
    "giving_basketline": (),
    "giving_contribution": ("id", "project_id", "amount", "state", "settled_at"),
    "giving_pledge": ("id", "round_id"),
    "giving_support": (),
    "payments_notice": (),
    "payments_payment": (),
    "payments_refund": (),
}
"""Of what people give, the columns that tell of no person: a contribution knows none."""
PIVOTS: Final[Readable] = {
    "identities_attempt": (),
    "register_alias": ("id", "register_id", "entry_id"),
    "register_entry": ("id", "register_id", "group", "origin", "created_at", "left_at"),
    "register_mailingpiece": ("id", "of_id", "part", "position"),
    "register_piece": ("id", "of_id", "position"),
    "register_postedcode": (
        "id",
        "entry_id",
        "made_by_id",
        "made_at",
        "expires_at",
        "mailing_id",
        "ended_at",
        "used_at",
    ),
    "register_proposal": ("id", "register_id", "proposed_at", "decided_at", "entry_id"),
    "register_row": ("id", "of_id", "number", "group", "fault", "entry_id"),
}
"""Of who people are, the columns that are no fingerprint."""
READABLE: Final[Mapping[Kind, Readable]] = {
    Kind.CERTIFIER: GIFTS,
    Kind.HOST: PIVOTS,
    Kind.FUNDER: {**GIFTS, **PIVOTS},
}
"""What each kind may read of tables that are not wholly theirs; a table that is not named is read in full."""

NAME: Final = "SELECT left(current_database(), 50) || '_' || %s, current_schema()"
"""Roles belong to the whole server, so each is named after its database."""
TAKE: Final = """
SELECT set_config('role', rolname, true) FROM pg_roles
WHERE rolname = left(current_database(), 50) || '_' || %s AND pg_has_role(oid, 'MEMBER')
"""
STAND: Final = """
SELECT count(*) = %s FROM pg_roles
WHERE rolname IN (SELECT left(current_database(), 50) || '_' || unnest(%s::text[])) AND pg_has_role(oid, 'MEMBER')
"""


@contextmanager
def reading_as(kind: Kind) -> Iterator[None]:
    """Read as the role of such organisations while the block lasts, where there is one."""
    with atomic():
        with connection.cursor() as cursor:
            cursor.execute(TAKE, [kind])
        yield


def is_separated() -> bool:
    """Whether the database itself keeps the kinds of organisations apart."""
    with connection.cursor() as cursor:
        cursor.execute(STAND, [len(READABLE), [str(kind) for kind in READABLE]])
        (stand,) = cursor.fetchone()
    return bool(stand)


def give_rights(**_signal: Any) -> None:  # noqa: ANN401  Django's signature
    """Make the roles and give them what they may read of the tables that are there now; a warning where that is not allowed."""
    try:
        with atomic():
            for kind, readable in READABLE.items():
                _give(kind, readable)
    except ProgrammingError as refused:
        logger.warning("PostgreSQL keeps no roles for the pages of organisations: %s", refused)


def _give(kind: Kind, readable: Readable) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('abonde roles'))")
        cursor.execute(NAME, [kind])
        name, schema = cursor.fetchone()
        role, room = sql.Identifier(name), sql.Identifier(schema)
        cursor.execute("SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", [name])
        found = cursor.fetchone()
        if found is None:
            cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
        if found is None or not found[0]:
            cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
        for statement in (
            "GRANT USAGE ON SCHEMA {room} TO {role}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA {room} FROM {role}",
            "GRANT SELECT ON ALL TABLES IN SCHEMA {room} TO {role}",
        ):
            cursor.execute(sql.SQL(statement).format(room=room, role=role))
        for table, columns in readable.items():
            names = {"table": sql.Identifier(table), "role": role}
            cursor.execute(sql.SQL("REVOKE SELECT ON {table} FROM {role}").format(**names))
            if columns:
                listed = sql.SQL(", ").join(map(sql.Identifier, columns))
                cursor.execute(
                    sql.SQL("GRANT SELECT ({columns}) ON {table} TO {role}").format(columns=listed, **names)
                )
