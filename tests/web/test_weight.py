"""What a phone loads before it shows a page, pictures aside."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from abonde.matching import Cents, Gift, Project
from abonde.rounds.states import State
from abonde.settlement.actions import compute_result
from tests.domain.settlement.conftest import POTS, RULES
from tests.domain.settlement.world import Plan, build
from tests.factories import a_project, a_round

pytestmark = pytest.mark.usefixtures("database")

MOST = 58_000
"""Bytes as they are sent, beside some 400 of headers for each file: 60 kB in all are promised."""
PACKED = {".woff2"}


def weight(address: str) -> int:
    page = Client(headers={"accept-encoding": "gzip", "accept-language": "fr"}).get(address)
    assert page.headers["Content-Encoding"] == "gzip"
    text = gzip.decompress(page.content).decode()
    named = set(re.findall(r'(?:href|src)="/static/([^"#]+)', text))
    assert any(one.endswith(".js") for one in named)
    return len(page.content) + sum(sent(name) for name in named)


def sent(name: str) -> int:
    found = finders.find(name)
    assert found, name
    content = Path(found).read_bytes()
    return len(content if Path(name).suffix in PACKED else gzip.compress(content, 9))


def test_pages_that_posters_lead_to_are_light() -> None:
    giving = a_round(state=State.GIVING)
    for number in range(30):
        a_project(giving, name=f"Un projet pour les habitantes et habitants, numéro {number}")
    project = giving.projects.get(name__endswith=" 7")
    for address in (
        reverse("home"),
        reverse("round", args=[giving.slug]),
        reverse("project", args=[giving.slug, project.slug]),
        reverse("basket", args=[giving.slug]),
        reverse("simulator"),
    ):
        assert weight(address) <= MOST, address


def test_the_result_of_a_large_round_is_light() -> None:
    keys = [f"un-projet-pour-les-habitantes-{number:03}" for number in range(200)]
    projects = [
        Project(key=key, name=key.replace("-", " "), challenge="food", need=Cents(500_000)) for key in keys
    ]
    gifts = [Gift(f"person {number}", key, 2_000) for key in keys for number in range(3)]
    world = build(Plan(gifts, projects, POTS, RULES))
    compute_result(round=world.round, reason="Premier calcul")
    assert weight(reverse("results", args=[world.round.slug])) <= MOST
    assert weight(reverse("result-explanation", args=[world.round.slug, keys[0]])) <= MOST
