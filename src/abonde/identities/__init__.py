"""Identities that others vouch for: OpenID providers, forums, and the accounts that they open."""
