from django.db import migrations

from abonde.core.append_only import append_only
from abonde.core.transitions import only_transitions
from abonde.rounds.states import TRANSITIONS

FROZEN = """
CREATE FUNCTION rounds_refuse_thaw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'round % has opened: its rules, calendar and territory are frozen', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'rounds_frozen';
END $$;
CREATE TRIGGER rounds_frozen BEFORE UPDATE ON rounds_round FOR EACH ROW
    WHEN (OLD.state <> 'draft' AND
        (OLD.host_id, OLD.slug, OLD.territory, OLD.register_id, OLD.has_selection, OLD.applications_open_at,
         OLD.applications_close_at, OLD.giving_opens_at, OLD.giving_closes_at, OLD.objection_days,
         OLD.written_rules, OLD.smallest_gift, OLD.largest_gift)
        IS DISTINCT FROM
        (NEW.host_id, NEW.slug, NEW.territory, NEW.register_id, NEW.has_selection, NEW.applications_open_at,
         NEW.applications_close_at, NEW.giving_opens_at, NEW.giving_closes_at, NEW.objection_days,
         NEW.written_rules, NEW.smallest_gift, NEW.largest_gift))
    EXECUTE FUNCTION rounds_refuse_thaw();
ALTER TABLE rounds_round ENABLE ALWAYS TRIGGER rounds_frozen;

CREATE FUNCTION rounds_challenge_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM rounds_round WHERE id = coalesce(NEW.round_id, OLD.round_id) AND state <> 'draft') THEN
        RAISE EXCEPTION 'round % has opened: its challenges are frozen', coalesce(NEW.round_id, OLD.round_id)
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'rounds_frozen';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER rounds_challenges_frozen BEFORE INSERT OR UPDATE OR DELETE ON rounds_challenge
    FOR EACH ROW EXECUTE FUNCTION rounds_challenge_guard();
ALTER TABLE rounds_challenge ENABLE ALWAYS TRIGGER rounds_challenges_frozen;
"""
THAW = """
DROP TRIGGER rounds_challenges_frozen ON rounds_challenge; DROP FUNCTION rounds_challenge_guard();
DROP TRIGGER rounds_frozen ON rounds_round; DROP FUNCTION rounds_refuse_thaw();
"""


class Migration(migrations.Migration):
    dependencies = [("rounds", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        only_transitions("rounds_round", TRANSITIONS, initial=["draft"]),
        append_only("rounds_signedtext"),
        append_only("rounds_signature"),
        migrations.RunSQL(FROZEN, THAW),
    ]
