from django.db import migrations

from abonde.core.append_only import REFUSE_CHANGE, append_only


class Migration(migrations.Migration):
    """The event log only grows."""

    dependencies = [("core", "0001_initial")]

    operations = [REFUSE_CHANGE, append_only("core_event")]
