"""`python -m translating [FILE.json…]`: bring the French catalog up to date, fill it in, compile it.

Each file is a flat object: {"English message": "French"}, or {"English singular": ["French singular", "French plural"]}.
They replace what stands in the catalog; of two files that translate the same message, the later one holds.
What remains is written to build/untranslated.json, ready to be filled in and given back.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from translating import catalog

LEFT = Path("build/untranslated.json")


@click.command(help=__doc__)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(files: tuple[Path, ...]) -> None:
    """Do as the module says."""
    french = catalog.read()
    catalog.update(french)
    for file in files:
        for unknown in catalog.fill(french, json.loads(file.read_text("utf-8"))):
            click.echo(f"{file}: no message of the code reads {unknown!r}", err=True)
    catalog.write(french)
    left = catalog.untranslated(french)
    if left:
        LEFT.parent.mkdir(exist_ok=True)
        LEFT.write_text(json.dumps(left, ensure_ascii=False, indent=1) + "\n", "utf-8")
        click.echo(f"{len(left)} messages are untranslated: see {LEFT}", err=True)


if __name__ == "__main__":
    main()
