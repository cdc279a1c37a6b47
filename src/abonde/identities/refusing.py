"""How a log-in is refused."""

from __future__ import annotations

from abonde.matching.refusal import Refusal


class LogInRefused(Refusal):
    """Nobody is logged in; the sentence is for the person at the browser."""


class ProviderFails(LogInRefused):
    """The provider does not answer as it should."""


class Untrusted(LogInRefused):
    """What came does not prove who somebody is."""
