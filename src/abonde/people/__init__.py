"""Persons: humans with an account."""
