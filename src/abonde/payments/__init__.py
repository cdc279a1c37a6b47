"""Payments and the providers that carry them."""
