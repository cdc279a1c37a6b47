"""The numbers of accounts are sealed: a copy of the database tells nobody where projects bank."""

# ruff: noqa: ANN401 a model as it was then has no type

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from abonde.core.sealing import seal, unseal


def seal_numbers(apps: Any, _editor: BaseDatabaseSchemaEditor) -> None:
    legal_person = apps.get_model("projects", "LegalPerson")
    for row in legal_person.objects.exclude(iban=""):
        row.sealed_iban = seal(row.iban.encode())
        row.save(update_fields=["sealed_iban"])


def unseal_numbers(apps: Any, _editor: BaseDatabaseSchemaEditor) -> None:
    legal_person = apps.get_model("projects", "LegalPerson")
    for row in legal_person.objects.exclude(sealed_iban=b""):
        row.iban = unseal(bytes(row.sealed_iban)).decode()
        row.save(update_fields=["iban"])


class Migration(migrations.Migration):
    dependencies = [("projects", "0006_points")]

    operations = [
        migrations.AddField(
            "legalperson",
            "sealed_iban",
            models.BinaryField(default=b"", help_text="the account to pay to, sealed; empty for none"),
        ),
        migrations.RunPython(seal_numbers, unseal_numbers),
        migrations.RemoveConstraint("legalperson", "projects_iban"),
        migrations.RemoveField("legalperson", "iban"),
    ]
