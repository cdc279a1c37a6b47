"""What became of each funder's money."""

from __future__ import annotations

from gettext import gettext as _
from typing import Final, TextIO

from abonde.cli.wording import money
from abonde.matching import Allocation, funder_statements

NAME_WIDTH: Final = 56


def write_statements(allocation: Allocation, file: TextIO) -> None:
    """Write a statement for each funder and pot: given, spent project by project, returned."""
    for part in allocation.pots:
        for statement in funder_statements(part):
            file.write(
                "\n" + _("{funder}, pot {pot}").format(funder=statement.funder, pot=statement.pot) + "\n"
            )
            _write_line(file, _("given"), statement.given)
            for key, cents in sorted(statement.spent.items(), key=lambda spent: (-spent[1], spent[0])):
                if cents:
                    _write_line(file, f"  {allocation.projects[key].name or key}", cents)
            _write_line(file, _("returned"), statement.returned)


def _write_line(file: TextIO, name: str, cents: int) -> None:
    shown = name if len(name) <= NAME_WIDTH else name[: NAME_WIDTH - 1] + "…"
    file.write(f"  {shown:<{NAME_WIDTH}}{money(cents):>18}\n")
