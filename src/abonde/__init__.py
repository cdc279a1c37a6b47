"""Abonde: democratic co-funding rounds by quadratic funding."""

__version__ = "0.1.0"
