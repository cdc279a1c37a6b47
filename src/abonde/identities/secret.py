"""Secrets that the environment holds."""

from __future__ import annotations

import os

from abonde.identities.models import Provider
from abonde.identities.refusing import ProviderFails


def secret_of(provider: Provider) -> str:
    """What the provider and this installation share. Raises ProviderFails if the environment lacks it."""
    secret = os.environ.get(provider.secret_variable, "")
    if not secret:
        raise ProviderFails(
            "This way to log in is not set up yet: use another way, and tell who runs this site "
            "that the environment variable {variable} is missing.",
            variable=provider.secret_variable,
        )
    return secret
