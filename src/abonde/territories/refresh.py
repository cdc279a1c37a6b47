"""Make the package's file anew: `python -m abonde.territories.refresh PACKAGE.tgz`, once a year.

PACKAGE.tgz is what `npm pack @etalab/decoupage-administratif` brings; docs/design/territories.md tells the whole way.
The same package always makes the same bytes.
"""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

Rows = list[dict[str, Any]]

CURRENT: Final = "commune-actuelle"


def written(departements: Rows, intercommunalities: Rows, communes: Rows, *, source: str) -> bytes:
    """The file: JSON with one place per line, so that a person may read it and compare two years."""
    of_commune = {
        member["code"]: known["code"] for known in intercommunalities for member in known["membres"]
    }
    former = _former_codes(communes)
    rows = sorted(
        (
            place["code"],
            place["nom"],
            place["departement"],
            " ".join(place.get("codesPostaux", ())),
            place.get("population", 0),
            of_commune.get(place["code"], ""),
            " ".join(former[place["code"]]),
        )
        for place in communes
        if place["type"] == CURRENT
    )
    sections = {
        "source": json.dumps(source),
        "departements": _lines({place["code"]: place["nom"] for place in departements}),
        "intercommunalities": _lines(
            sorted((place["code"], place["type"], place["nom"]) for place in intercommunalities)
        ),
        "communes": _lines(rows),
    }
    return ("{" + ",\n".join(f'"{name}": {text}' for name, text in sections.items()) + "}\n").encode()


def _former_codes(communes: Rows) -> defaultdict[str, list[str]]:
    """The codes under which people may still know a commune: its arrondissements, and communes merged into it."""
    current = {place["code"] for place in communes if place["type"] == CURRENT}
    former: defaultdict[str, list[str]] = defaultdict(list)
    for place in communes:
        now = place["code"] if place["type"] == CURRENT else place.get("commune") or place["chefLieu"]
        for code in (place["code"], *place.get("anciensCodes", ())):
            if code not in current and code not in former[now]:
                former[now].append(code)
    return former


def _lines(places: dict[str, str] | list[Any]) -> str:
    # One entry a line: JSON itself would put either all on one line or every value on its own.
    if isinstance(places, dict):
        entries = [f"{json.dumps(key)}: {_compact(value)}" for key, value in sorted(places.items())]
        return "{\n" + ",\n".join(entries) + "\n}"
    return "[\n" + ",\n".join(_compact(place) for place in places) + "\n]"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def refresh(package: Path, folder: Path) -> Path:
    """Write the file of the package's year into the folder, and return its path.

    The package's major version is a year: 6 is 2026.
    """
    with tarfile.open(package) as archive:

        def read(name: str) -> Any:  # noqa: ANN401 (JSON)
            member = archive.extractfile(f"package/{name}")
            if member is None:
                raise FileNotFoundError(name)
            return json.load(member)

        about = read("package.json")
        text = written(
            read("data/departements.json"),
            read("data/epci.json"),
            read("data/communes.json"),
            source=f"{about['name']} {about['version']}, Licence Ouverte",
        )
    year = 2020 + int(about["version"].partition(".")[0])
    target = folder / f"france-{year}.json.gz"
    target.write_bytes(gzip.compress(text, 9, mtime=0))
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{refresh(Path(sys.argv[1]), Path(__file__).parent)}\n")
