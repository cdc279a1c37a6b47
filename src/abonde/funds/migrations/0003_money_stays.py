from django.db import migrations

GUARDS = """
CREATE FUNCTION funds_refuse_earmark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM funds_agreement WHERE pot_id = OLD.id AND state = 'signed') THEN
        RAISE EXCEPTION 'pot % has been signed for: what it is kept for does not change', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'funds_earmark_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funds_earmark_stays BEFORE UPDATE ON funds_pot FOR EACH ROW
    WHEN ((OLD.fund_id, OLD.key, OLD.challenge_id, OLD.place, OLD.account_id)
        IS DISTINCT FROM (NEW.fund_id, NEW.key, NEW.challenge_id, NEW.place, NEW.account_id))
    EXECUTE FUNCTION funds_refuse_earmark();
ALTER TABLE funds_pot ENABLE ALWAYS TRIGGER funds_earmark_stays;

CREATE FUNCTION funds_check_growing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM rounds_round round JOIN funds_fund fund ON fund.round_id = round.id
            JOIN funds_pot pot ON pot.fund_id = fund.id
        WHERE pot.id = NEW.pot_id AND round.state IN ('draft', 'applications', 'selection', 'giving')
            AND (round.state = 'draft' OR clock_timestamp() < round.giving_closes_at)
    ) THEN
        RAISE EXCEPTION 'agreement %: the round has closed, its fund can no longer grow', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'funds_signed_while_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funds_signed_while_open BEFORE UPDATE OF state ON funds_agreement FOR EACH ROW
    WHEN (NEW.state = 'signed' AND OLD.state <> 'signed') EXECUTE FUNCTION funds_check_growing();
ALTER TABLE funds_agreement ENABLE ALWAYS TRIGGER funds_signed_while_open;

CREATE FUNCTION funds_refuse_instalment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'instalment % is written in the book: it does not change', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'funds_received_stays';
END $$;
CREATE TRIGGER funds_received_stays BEFORE UPDATE OR DELETE ON funds_instalment FOR EACH ROW
    WHEN (OLD.received_at IS NOT NULL) EXECUTE FUNCTION funds_refuse_instalment();
ALTER TABLE funds_instalment ENABLE ALWAYS TRIGGER funds_received_stays;
"""
UNGUARD = """
DROP TRIGGER funds_received_stays ON funds_instalment; DROP FUNCTION funds_refuse_instalment();
DROP TRIGGER funds_signed_while_open ON funds_agreement; DROP FUNCTION funds_check_growing();
DROP TRIGGER funds_earmark_stays ON funds_pot; DROP FUNCTION funds_refuse_earmark();
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0002_guarantees"), ("rounds", "0004_frozen_name")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
