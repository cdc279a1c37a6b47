"""Logging out at the provider too, where it offers that."""

from __future__ import annotations

from urllib.parse import urlencode

from abonde.identities.models import Provider
from abonde.identities.openid.discovery import addresses_of
from abonde.identities.refusing import ProviderFails


def log_out_address(*, provider: Provider, id_token: str, state: str, return_to: str) -> str:
    """The provider's address to which the browser goes. Raises ProviderFails if it has none."""
    address = addresses_of(provider).end_session
    if not address:
        raise ProviderFails("This provider offers no log-out: close the browser on a device that others use.")
    asked = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": return_to}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
