from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from abonde.config.map_tiles import origin_of
from abonde.matching.refusal import Refusal

HOUSE = Path(__file__).parents[2]


def test_every_setting_is_explained_to_operators() -> None:
    code = (HOUSE / "src/abonde/config/settings.py").read_text("utf-8")
    guide = (HOUSE / "docs/guides/operator-settings.md").read_text("utf-8")
    read = re.findall(r'env\.\w+\(\s*"(\w+)"', code)
    assert read
    assert sorted(set(read)) == sorted(re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", guide, re.MULTILINE))


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "SECRET_KEY is missing or short"),
        ({"ABONDE_MODE": "prod"}, "choose production, demo or tests"),
        ({"ABONDE_MODE": "demo", "DATABASE_URL": "sqlite:///x"}, "PostgreSQL only"),
        (
            {"ABONDE_MODE": "demo", "ABONDE_MAP_TILES": "http://tiles.example/{z}/{x}/{y}.png"},
            "write an address",
        ),
    ],
)
def test_unsafe_settings_are_refused_in_a_sentence(environment: dict[str, str], sentence: str) -> None:
    clean = {"PATH": os.environ["PATH"], **environment}
    command = [sys.executable, "-c", "import abonde.config.settings"]
    tried = subprocess.run(command, env=clean, capture_output=True, text=True, check=False)
    assert tried.returncode != 0
    assert sentence in tried.stderr


def test_production_is_the_default_and_is_strict() -> None:
    clean = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "k" * 50,
        "DJANGO_SETTINGS_MODULE": "abonde.config.settings",
    }
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    checked = subprocess.run(command, env=clean, capture_output=True, text=True, check=False)
    found = set(re.findall(r"security\.W\d+", checked.stderr))
    assert found <= {"security.W021", "security.W009"}, (
        checked.stderr
    )  # preload list: the operator's choice; the test key is weak


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("", ""),
        ("https://tile.example.org/{z}/{x}/{y}.png", "https://tile.example.org"),
        ("https://{s}.tile.example.org:8443/a/{z}/{y}/{x}?key=1", "https://*.tile.example.org:8443"),
    ],
)
def test_browsers_may_ask_the_server_of_the_map_and_no_other(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        "https://tile.example.org/{z}/{x}.png",
        "//tile.example.org/{z}/{x}/{y}",
        "https://a;script-src *.org/{z}/{x}/{y}",
        "https://a b/{z}/{x}/{y}",
        "nonsense",
    ],
)
def test_a_map_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Refusal, match="ABONDE_MAP_TILES is"):
        origin_of(address)
