"""The package's file is made from the published one, the same each time."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from abonde.territories.places import FILE
from abonde.territories.refresh import refresh, written

COMMUNES: list[dict[str, Any]] = [
    {"code": "13055", "nom": "Marseille", "type": "commune-actuelle", "departement": "13",
     "codesPostaux": ["13001", "13002"], "population": 886_040},
    {"code": "13201", "nom": "Marseille 1er", "type": "arrondissement-municipal", "commune": "13055", "departement": "13"},
    {"code": "13001", "nom": "Aix", "type": "commune-actuelle", "departement": "13", "anciensCodes": ["13999"]},
    {"code": "13998", "nom": "Luynes", "type": "commune-deleguee", "chefLieu": "13001", "departement": "13"},
    {"code": "13001", "nom": "Aix", "type": "commune-deleguee", "chefLieu": "13001", "departement": "13"},
]  # fmt: skip
INTERCOMMUNALITIES: list[dict[str, Any]] = [
    {"code": "200054807", "type": "METRO", "nom": "Aix-Marseille", "membres": [{"code": "13055"}]}
]
DEPARTEMENTS = [{"code": "13", "nom": "Bouches-du-Rhône"}]


def package(folder: Path) -> Path:
    path = folder / "package.tgz"
    parts = {
        "package.json": {"name": "x", "version": "7.1.0"},
        "data/communes.json": COMMUNES,
        "data/epci.json": INTERCOMMUNALITIES,
        "data/departements.json": DEPARTEMENTS,
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, value in parts.items():
            content = json.dumps(value).encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_only_communes_of_today_are_kept_with_the_codes_of_yesterday() -> None:
    made = json.loads(written(DEPARTEMENTS, INTERCOMMUNALITIES, COMMUNES, source="x"))
    assert made == {
        "source": "x",
        "departements": {"13": "Bouches-du-Rhône"},
        "intercommunalities": [["200054807", "METRO", "Aix-Marseille"]],
        "communes": [
            ["13001", "Aix", "13", "", 0, "", "13999 13998"],
            ["13055", "Marseille", "13", "13001 13002", 886_040, "200054807", "13201"],
        ],
    }


def test_the_file_is_named_by_its_year_and_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = refresh(package(tmp_path), tmp_path)
    assert first.name == "france-2027.json.gz"
    content = first.read_bytes()
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert refresh(package(tmp_path), tmp_path).read_bytes() == content


def test_the_packages_own_file_has_no_date_of_making() -> None:
    content = FILE.read_bytes()
    assert content[4:8] == bytes(4)
    assert gzip.compress(gzip.decompress(content), 9, mtime=0)[:10] == content[:10]
