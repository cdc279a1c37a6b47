"""Registers in which an e-mail address is a voice were called communities; they are open ones."""

from django.db import migrations

FORWARD = """
    UPDATE register_register SET strategy = 'open' WHERE strategy = 'community';
    UPDATE register_certificate SET method = 'open' WHERE method = 'community';
"""


class Migration(migrations.Migration):
    dependencies = [("register", "0006_communities")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
