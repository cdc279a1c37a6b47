from django.db import migrations

from abonde.core.append_only import append_only
from abonde.core.transitions import only_transitions
from abonde.projects.states import TRANSITIONS


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        only_transitions("projects_project", TRANSITIONS, initial=["draft"]),
        append_only("projects_review"),
        append_only("projects_appeal"),
        append_only("projects_conflictofinterest"),
    ]
