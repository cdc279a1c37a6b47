"""The deed that the drill of the sealing keys kills, and what the newest key does not open yet afterwards."""

from __future__ import annotations

from django.conf import settings
from django.test import override_settings

from abonde.core.sealing import reseal as resealed
from abonde.organisations.models import SigningKey
from abonde.people.resealing import reseal_all
from abonde.register.models import Register


def reseal(newest: str) -> None:
    with override_settings(SEALING_KEYS=[newest, *settings.SEALING_KEYS]):
        list(reseal_all())


def found(newest: str) -> dict[str, int]:
    columns = (
        SigningKey.objects.values_list("sealed_private_key", flat=True),
        Register.objects.values_list("sealed_key", flat=True),
    )
    with override_settings(SEALING_KEYS=[newest, *settings.SEALING_KEYS]):
        return {"left": sum(resealed(bytes(sealed)) is not None for column in columns for sealed in column)}
