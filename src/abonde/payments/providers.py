"""The providers that this installation knows, by name."""

from __future__ import annotations

from django.conf import settings

from abonde.matching.refusal import Refusal
from abonde.payments.provider import Provider


class NoProvider(Refusal):
    """The installation takes no payments, or none by this provider."""


def present_provider() -> Provider:
    """The one that takes new payments. Raises NoProvider."""
    if not settings.PAYMENT_PROVIDER:
        raise NoProvider(
            "This site does not take payments yet. Nothing has been paid, and your basket is kept."
        )
    return provider_named(settings.PAYMENT_PROVIDER)


def provider_named(name: str) -> Provider:
    """The adapter of that name; former providers stay, for their refunds. Raises NoProvider."""
    if name == "sandbox" and settings.SANDBOX_SECRET:
        from abonde.payments.adapters.sandbox import Sandbox

        return Sandbox(secret=settings.SANDBOX_SECRET)
    raise NoProvider("There is no payment provider called {name} here.", name=name)
