from django.db import migrations

from abonde.core.transitions import only_transitions
from abonde.giving.models import CONTRIBUTION_TRANSITIONS

WHILE_GIVING = """
CREATE FUNCTION giving_check_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM rounds_round WHERE id = NEW.round_id AND state = 'giving'
            AND giving_opens_at <= NEW.pledged_at AND NEW.pledged_at < giving_closes_at
            AND NEW.pledged_at <= clock_timestamp()
    ) THEN
        RAISE EXCEPTION 'round % does not take gifts at %', NEW.round_id, NEW.pledged_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'giving_while_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER giving_while_open BEFORE INSERT ON giving_pledge FOR EACH ROW EXECUTE FUNCTION giving_check_open();
ALTER TABLE giving_pledge ENABLE ALWAYS TRIGGER giving_while_open;
"""


class Migration(migrations.Migration):
    dependencies = [("giving", "0001_initial"), ("rounds", "0002_guarantees")]
    operations = [
        only_transitions("giving_contribution", CONTRIBUTION_TRANSITIONS, initial=["pledged"]),
        migrations.RunSQL(
            WHILE_GIVING,
            "DROP TRIGGER giving_while_open ON giving_pledge; DROP FUNCTION giving_check_open();",
        ),
    ]
