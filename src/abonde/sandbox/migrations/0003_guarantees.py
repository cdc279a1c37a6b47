from django.db import migrations

from abonde.core.transitions import only_transitions
from abonde.sandbox.states import BEGINNINGS, TRANSITIONS


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0002_notifications")]
    operations = [only_transitions("sandbox_checkout", TRANSITIONS, initial=BEGINNINGS)]
