from django.db import migrations

from abonde.core.append_only import append_only
from abonde.core.transitions import only_transitions
from abonde.settlement.models import RULING_TRANSITIONS


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        append_only("settlement_computation"),
        append_only("settlement_resultline"),
        append_only("settlement_potline"),
        only_transitions("settlement_objection", RULING_TRANSITIONS, initial=["open"]),
    ]
