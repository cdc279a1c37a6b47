"""The official communes and intercommunalités of France, and the territories that rounds make of them.

Pure: no database, no network. The data come in the package, dated; docs/design/territories.md tells from where.
"""

from __future__ import annotations

from abonde.territories.places import YEAR, Commune, Departement, Intercommunality
from abonde.territories.searching import search
from abonde.territories.territory import Territory, commune, intercommunality, territory

__all__ = [
    "YEAR",
    "Commune",
    "Departement",
    "Intercommunality",
    "Territory",
    "commune",
    "intercommunality",
    "search",
    "territory",
]
