from django.db import migrations

from abonde.core.append_only import append_only
from abonde.ledger.guarantees import GUARANTEES


class Migration(migrations.Migration):
    """What PostgreSQL holds of the books, whoever writes."""

    dependencies = [("core", "0002_append_only"), ("ledger", "0001_initial")]

    operations = [
        *(migrations.RunSQL(guarantee) for guarantee in GUARANTEES),
        append_only("ledger_transaction"),
        append_only("ledger_posting"),
    ]
