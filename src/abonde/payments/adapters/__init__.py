"""Adapters: each provider's own way of saying the four verbs."""
