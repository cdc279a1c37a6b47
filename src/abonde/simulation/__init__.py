"""Invented rounds: to try rules on, to demonstrate and to measure. Everything follows from a seed."""
