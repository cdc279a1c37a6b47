from django.db import migrations

from abonde.core.transitions import only_transitions
from abonde.funds.models import AGREEMENT_TRANSITIONS

SIGNED_STAYS = """
CREATE FUNCTION funds_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'agreement % is signed: it does not change', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'funds_signed_stays';
END $$;
CREATE TRIGGER funds_signed_stays BEFORE UPDATE ON funds_agreement FOR EACH ROW
    WHEN (OLD.state = 'signed' AND (OLD.pot_id, OLD.funder_id, OLD.amount)
        IS DISTINCT FROM (NEW.pot_id, NEW.funder_id, NEW.amount))
    EXECUTE FUNCTION funds_refuse_change();
ALTER TABLE funds_agreement ENABLE ALWAYS TRIGGER funds_signed_stays;
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0001_initial")]
    operations = [
        only_transitions("funds_agreement", AGREEMENT_TRANSITIONS, initial=["proposed"]),
        migrations.RunSQL(
            SIGNED_STAYS,
            "DROP TRIGGER funds_signed_stays ON funds_agreement; DROP FUNCTION funds_refuse_change();",
        ),
    ]
