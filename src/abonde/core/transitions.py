"""State machines as tables: PostgreSQL refuses a change of state that the table does not list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from django.db.migrations.operations import RunSQL

from abonde.matching.refusal import Refusal

State = TypeVar("State", bound=str)


class NotNow(Refusal):
    """The thing is not in a state in which this can be done."""


def only_transitions(
    table: str, transitions: Mapping[State, Iterable[State]], *, initial: Iterable[str]
) -> RunSQL:
    """A migration operation: the column `state` of `table` begins in `initial` and moves as `transitions` says.

    A state without followers is an end. PostgreSQL keeps the table as it was when the migration ran: once released,
    a change of `transitions` needs a further migration.
    """
    moves = ", ".join(
        f"('{before}', '{after}')" for before, followers in transitions.items() for after in followers
    )
    beginnings = ", ".join(f"'{state}'" for state in initial)
    return RunSQL(
        sql=f"""
        CREATE FUNCTION {table}_move() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.state IN ({beginnings}) THEN RETURN NULL; END IF;
                RAISE EXCEPTION '{table} cannot begin as %', NEW.state
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_states';
            END IF;
            IF (OLD.state, NEW.state) IN ({moves}) THEN RETURN NULL; END IF;
            RAISE EXCEPTION '{table} cannot go from % to %', OLD.state, NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_states';
        END $$;
        CREATE TRIGGER {table}_begins AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_move();
        CREATE TRIGGER {table}_moves AFTER UPDATE OF state ON {table} FOR EACH ROW
            WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION {table}_move();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_begins;
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_moves;
        """,
        reverse_sql=f"DROP TRIGGER {table}_moves ON {table}; DROP TRIGGER {table}_begins ON {table}; DROP FUNCTION {table}_move();",
    )
