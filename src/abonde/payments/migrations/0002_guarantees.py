from django.db import migrations

from abonde.core.transitions import only_transitions
from abonde.payments.states import TRANSITIONS


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [only_transitions("payments_payment", TRANSITIONS, initial=["created"])]
