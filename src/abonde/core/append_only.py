"""Tables that only grow: PostgreSQL refuses to change or remove their rows, whoever asks."""

from __future__ import annotations

from typing import Final

from django.db.migrations.operations import RunSQL

REFUSE_CHANGE: Final = RunSQL(
    sql="""
    CREATE FUNCTION abonde_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
    END $$;
    """,
    reverse_sql="DROP FUNCTION abonde_refuse_change();",
)
"""Creates the function behind every append-only table; in the first migration of `core`."""


def append_only(table: str) -> RunSQL:
    """A migration operation that makes `table` append-only for every role, its owner and superusers included.

    The triggers fire ALWAYS, so that `session_replication_role` does not get round them. Who may alter the table
    may still drop them: the running application needs no such right.
    """
    return RunSQL(
        sql=f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION abonde_refuse_change();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only;
        """,
        reverse_sql=f"DROP TRIGGER {table}_append_only ON {table};",
    )
