"""What PostgreSQL guarantees of the books beyond single rows, as SQL for the migrations.

Each rule bears the name it has in docs/design/ledger.md. Triggers fire ALWAYS: a session cannot switch them off.
"""

from __future__ import annotations

from typing import Final

BALANCED: Final = """
CREATE FUNCTION ledger_check_transaction(checked bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) < 2 OR sum(cents) <> 0 FROM ledger_posting WHERE transaction_id = checked) THEN
        RAISE EXCEPTION 'transaction % is not balanced', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balanced';
    END IF;
    IF EXISTS (
        SELECT FROM ledger_transaction reversal
        CROSS JOIN LATERAL (
            SELECT account_id, sum(cents) FROM ledger_posting
            WHERE transaction_id IN (reversal.id, reversal.reverses_id) GROUP BY account_id HAVING sum(cents) <> 0
        ) remaining
        WHERE reversal.id = checked AND reversal.reverses_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'transaction % does not undo the one it reverses', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversal_undoes';
    END IF;
END $$;
CREATE FUNCTION ledger_transaction_complete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM ledger_check_transaction(NEW.id); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER ledger_balanced AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_complete();
ALTER TABLE ledger_transaction ENABLE ALWAYS TRIGGER ledger_balanced;
"""

DATABASE_CLOCK: Final = """
CREATE FUNCTION ledger_set_instant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.at := transaction_timestamp(); RETURN NEW; END $$;
CREATE TRIGGER ledger_database_clock BEFORE INSERT ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION ledger_set_instant();
ALTER TABLE ledger_transaction ENABLE ALWAYS TRIGGER ledger_database_clock;
"""

POSTED: Final = """
CREATE FUNCTION ledger_take_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE entry ledger_transaction;
BEGIN
    SELECT * INTO entry FROM ledger_transaction WHERE id = NEW.transaction_id;
    IF entry.at IS DISTINCT FROM transaction_timestamp() THEN
        RAISE EXCEPTION 'transaction % is closed', NEW.transaction_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_closed_transaction';
    END IF;
    IF entry.book_id IS DISTINCT FROM (SELECT book_id FROM ledger_account WHERE id = NEW.account_id) THEN
        RAISE EXCEPTION 'account % is of another book', NEW.account_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_one_book';
    END IF;
    UPDATE ledger_accountbalance SET cents = cents + NEW.cents WHERE account_id = NEW.account_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'account % has no balance', NEW.account_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_kept_balance';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_take_posting AFTER INSERT ON ledger_posting
    FOR EACH ROW EXECUTE FUNCTION ledger_take_posting();
ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER ledger_take_posting;
"""

NEVER_NEGATIVE: Final = """
CREATE FUNCTION ledger_posting_complete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_check_transaction(NEW.transaction_id);
    IF EXISTS (
        SELECT FROM ledger_account account JOIN ledger_accountbalance kept ON kept.account_id = account.id
        WHERE account.id = NEW.account_id AND account.never_negative AND kept.cents * account.side < 0
    ) THEN
        RAISE EXCEPTION 'account % would fall below 0', NEW.account_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_never_negative';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_never_negative AFTER INSERT ON ledger_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_complete();
ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER ledger_never_negative;
"""

KEPT_BALANCE: Final = """
CREATE FUNCTION ledger_open_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO ledger_accountbalance (account_id, cents) VALUES (NEW.id, 0); RETURN NULL; END $$;
CREATE TRIGGER ledger_open_balance AFTER INSERT ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_open_balance();
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_open_balance;

CREATE FUNCTION ledger_guard_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'a balance is written by postings alone: % is refused', TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_kept_balance';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_kept_balance BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger_accountbalance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard_balance();
ALTER TABLE ledger_accountbalance ENABLE ALWAYS TRIGGER ledger_kept_balance;
"""

FIXED_ACCOUNT: Final = """
CREATE TRIGGER ledger_account_stays BEFORE DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION abonde_refuse_change();
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_account_stays;
CREATE TRIGGER ledger_fixed_account BEFORE UPDATE ON ledger_account FOR EACH ROW
    WHEN ((OLD.id, OLD.book_id, OLD.key, OLD.kind, OLD.side, OLD.never_negative)
        IS DISTINCT FROM (NEW.id, NEW.book_id, NEW.key, NEW.kind, NEW.side, NEW.never_negative))
    EXECUTE FUNCTION abonde_refuse_change();
ALTER TABLE ledger_account ENABLE ALWAYS TRIGGER ledger_fixed_account;
"""

GUARANTEES: Final = (BALANCED, DATABASE_CLOCK, POSTED, NEVER_NEGATIVE, KEPT_BALANCE, FIXED_ACCOUNT)
