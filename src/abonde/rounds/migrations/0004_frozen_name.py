from django.db import migrations

FREEZE = """
DROP TRIGGER rounds_frozen ON rounds_round;
CREATE TRIGGER rounds_frozen BEFORE UPDATE ON rounds_round FOR EACH ROW
    WHEN (OLD.state <> 'draft' AND
        (OLD.host_id, OLD.slug, OLD.territory, OLD.register_id, OLD.has_selection, OLD.applications_open_at,
         OLD.applications_close_at, OLD.giving_opens_at, OLD.giving_closes_at, OLD.objection_days,
         OLD.written_rules, OLD.smallest_gift, OLD.largest_gift{more_old})
        IS DISTINCT FROM
        (NEW.host_id, NEW.slug, NEW.territory, NEW.register_id, NEW.has_selection, NEW.applications_open_at,
         NEW.applications_close_at, NEW.giving_opens_at, NEW.giving_closes_at, NEW.objection_days,
         NEW.written_rules, NEW.smallest_gift, NEW.largest_gift{more_new}))
    EXECUTE FUNCTION rounds_refuse_thaw();
ALTER TABLE rounds_round ENABLE ALWAYS TRIGGER rounds_frozen;
"""

SIGNED = """
CREATE FUNCTION rounds_check_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM rounds_signedtext WHERE id = NEW.opened_with_id AND (round_id <> NEW.id OR subject <> 'rules')
    ) OR EXISTS (
        SELECT NEW.host_id EXCEPT SELECT organisation_id FROM rounds_signature WHERE signed_text_id = NEW.opened_with_id
    ) OR EXISTS (
        SELECT organisation_id FROM rounds_party
            WHERE round_id = NEW.id AND accepted_at IS NOT NULL AND left_at IS NULL
        EXCEPT SELECT organisation_id FROM rounds_signature WHERE signed_text_id = NEW.opened_with_id
    ) THEN
        RAISE EXCEPTION 'round %: its trio has not signed text %', NEW.id, NEW.opened_with_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rounds_opened_with_signed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rounds_opened_with_signed BEFORE INSERT OR UPDATE OF opened_with_id ON rounds_round FOR EACH ROW
    WHEN (NEW.opened_with_id IS NOT NULL) EXECUTE FUNCTION rounds_check_opening();
ALTER TABLE rounds_round ENABLE ALWAYS TRIGGER rounds_opened_with_signed;
"""
UNSIGNED = "DROP TRIGGER rounds_opened_with_signed ON rounds_round; DROP FUNCTION rounds_check_opening();"


class Migration(migrations.Migration):
    dependencies = [("rounds", "0003_opened_with")]
    operations = [
        migrations.RunSQL(
            FREEZE.format(
                more_old=", OLD.name, OLD.opened_with_id", more_new=", NEW.name, NEW.opened_with_id"
            ),
            FREEZE.format(more_old="", more_new=""),
        ),
        migrations.RunSQL(SIGNED, UNSIGNED),
    ]
