"""Abonde as a relying party of OpenID Connect: `flow.begin` sends a browser to a provider, `flow.complete` receives it."""
