"""The certifier's register of the demonstration: filled from a file of invented inhabitants, with an update that waits."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from itertools import chain
from typing import Final

from abonde.demonstration.cast import CERTIFIER, Cast
from abonde.demonstration.inhabitants import written_register
from abonde.register.actions import open_register
from abonde.register.importing import bring_file, confirm_import, name_columns
from abonde.register.importing_difference import apply, compare
from abonde.register.importing_file import sealed_pieces
from abonde.register.importing_layout import Layout
from abonde.register.importing_rows import read_rows
from abonde.register.models import Import, Register, Strategy

PEOPLE: Final = 2_000
NEWCOMERS: Final = 40
WELL_KNOWN: Final = (
    "ORSINI;;Paul, Marie;14/07/1988;26113;3 place de la Fontaine;4",
    "QUÉRÉ;;Solène;02/11/1979;29019;8 chemin des Vignes;2",
)
"""Those of the cast who live here without a voice yet: docs/guides/certifier.md invites to look them up at the counter."""


def certified_register(cast: Cast) -> Register:
    """A register that one can look people up in; its second file shows new, gone and wrong rows until somebody decides."""
    register = open_register(
        person=cast.people["certificateur"],
        organisation=cast.organisations[CERTIFIER],
        strategy=Strategy.CERTIFIED,
        name="Registre du pays des vallons",
    )
    titles, *people = written_register(PEOPLE)
    first = _compared(cast, register, chain([titles], WELL_KNOWN, people))
    confirm_import(person=cast.people["guichet"], import_id=first.pk)
    apply(import_id=first.pk)
    stayed = (line for number, line in enumerate(people) if number % 50)
    _, *newcomers = written_register(NEWCOMERS, seed=1)
    _compared(cast, register, chain([titles], WELL_KNOWN, stayed, newcomers))
    return register


def _compared(cast: Cast, register: Register, lines: Iterable[str]) -> Import:
    """A file brought by the agent of the counter, read, and compared with the register."""
    agent, file = cast.people["guichet"], BytesIO("\r\n".join(lines).encode("cp1252", "replace"))
    made = bring_file(person=agent, register=register, pieces=list(sealed_pieces(file)))
    named = name_columns(person=agent, import_id=made.pk, layout=Layout.from_json(made.layout))
    read_rows(import_id=made.pk, reading=named.reading)
    compare(import_id=made.pk)
    return made
