"""What PostgreSQL holds of organisations, beyond the constraints of single rows."""

from __future__ import annotations

from typing import Final

from django.db.migrations.operations import RunSQL

KEEP_A_MANAGER: Final = RunSQL(
    sql="""
    CREATE FUNCTION organisations_keep_a_manager() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM 1 FROM organisations_organisation WHERE id = OLD.organisation_id FOR NO KEY UPDATE;
        IF NOT EXISTS (SELECT FROM organisations_membership
                       WHERE organisation_id = OLD.organisation_id AND role = 'manager' AND ended_at IS NULL) THEN
            RAISE EXCEPTION 'organisation % would be left without a manager', OLD.organisation_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'organisations_last_manager';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER organisations_last_manager AFTER UPDATE OR DELETE ON organisations_membership
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.role = 'manager' AND OLD.ended_at IS NULL)
        EXECUTE FUNCTION organisations_keep_a_manager();
    """,
    reverse_sql="""
    DROP TRIGGER organisations_last_manager ON organisations_membership;
    DROP FUNCTION organisations_keep_a_manager();
    """,
)
"""An organisation that has had a manager keeps one: at commit, whoever writes."""
