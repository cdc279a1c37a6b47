"""Measurements: every row is a ratio against a named alternative, taken in one run on one machine."""
