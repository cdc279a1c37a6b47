"""The simulator's page: one engine, one address that says everything, nothing kept."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override

from abonde.matching import (
    Gift,
    Limit,
    Mechanism,
    Pot,
    Project,
    allocate,
    euros_of_cents,
    read_rules,
    tally_gifts,
)
from abonde.web.simulator.forms import GUARDED, RulesForm, compact
from abonde.web.simulator.outcome import as_csv, outcomes
from abonde.web.simulator.presets import PRESETS
from abonde.web.simulator.world import read_world

PAGE = "/simulateur/"
CROWDS = "p=Garden&n=10&a=5&p=Fountain&n=1&a=500"
ALL = "&".join(f"m={one}" for one in Mechanism)


@pytest.fixture
def visitor(database: None) -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def english() -> Iterator[None]:
    with override("en"):
        yield


def words_of(visitor: Client, query: str) -> str:
    return unescape(visitor.get(f"{PAGE}?{query}").content.decode())


@pytest.mark.parametrize(
    "limits",
    ["", "seuil=5&plafond=50&minimum=5&part=10&rapport=2&paliers=oui", "reserve=up_to_ideal&part=12,5 %25"],
)
def test_it_finds_what_the_engine_finds(english: None, limits: str) -> None:
    presets: dict[str, dict[str, object]] = {
        "": {"preset": "plain"},
        "s": {"preset": "guarded", "cap_at_need": False},
        "r": {"preset": "plain", "sharing": "up_to_ideal", "max_share": "1/8"},
    }
    written = presets[limits[:1]]
    gifts = [*(Gift(f"a{n}", "Garden", 700) for n in range(10)), Gift("b", "Fountain", 50_000)]
    asked = QueryDict(f"p=Garden&n=10&a=7&p=Fountain&n=1&a=500&fonds=2000&{limits}&{ALL}")
    form = RulesForm(asked)
    assert form.is_valid(), form.errors
    assert form.fund == 200_000
    found = outcomes(read_world(asked), form.rules, form.fund, form.mechanisms)
    assert [one.mechanism for one in found] == list(Mechanism)
    for outcome in found:
        if limits.startswith("reserve") and outcome.mechanism is Mechanism.HEADS:
            assert outcome.refusal is not None
            assert not outcome.lines
            continue
        rules = read_rules({**written, "mechanism": str(outcome.mechanism)})
        expected = allocate(
            projects=[Project(key="Garden"), Project(key="Fountain")],
            tally=tally_gifts(gifts, rules),
            pots=[Pot(key="fund", funders={"fund": form.fund})],
            rules=rules,
        )
        assert {line.project: line.added for line in outcome.lines} == expected.matching
        assert outcome.unspent == expected.unspent


def test_the_limit_that_bound_is_named(visitor: Client, english: None) -> None:
    page = words_of(visitor, f"{CROWDS}&fonds=1000&rapport=2")
    assert re.search(
        r"at most 2 € from the fund for each euro that counts\s*: <bdi>Garden</bdi> <span class=\"soft\">\(€1,000 without limits\)",
        page,
    )
    assert "€900 go back to the funders." in page
    form = RulesForm(QueryDict("minimum=11"))
    assert form.is_valid()
    (quadratic,) = outcomes(read_world(QueryDict(CROWDS)), form.rules, form.fund, [Mechanism.QUADRATIC])
    assert {line.bound_by for line in quadratic.lines} == {Limit.MIN_SUPPORTERS}


def test_it_begins_with_ten_small_gifts_against_a_large_one(visitor: Client) -> None:
    page = words_of(visitor, "")
    assert "11 people give €550 in all; the fund holds €1,000." in page
    assert page.count("outcome__picture") == 3


@pytest.mark.parametrize("number", range(len(PRESETS)))
def test_rounds_to_begin_with_can_all_be_counted(visitor: Client, number: int) -> None:
    with override("en"):
        query = compact(PRESETS[number].query)
    page = words_of(visitor, query)
    assert "This could not be counted" not in page
    assert page.count("outcome__picture") == 3
    assert len(query) < 700


def test_an_address_says_everything(visitor: Client) -> None:
    asked = f"{CROWDS}&p=&n=&a=&lignes=Oven;4;10&dons=&projets=&tirage=&fonds=2500&seuil=&plafond=50&m=quadratic&m=heads"
    page = words_of(visitor, asked)
    found = re.search(r'id="share" value="http://testserver(/simulateur/\?[^"]+)"', page)
    assert found is not None
    shared = found.group(1)
    assert "seuil" not in shared
    assert "p=&" not in shared
    again = unescape(visitor.get(shared).content.decode())
    assert table_of(again) == table_of(page)
    assert len(table_of(page)) > 100


def table_of(page: str) -> str:
    return page[page.index('id="outcome-table"') : page.index("</table>", page.index('id="outcome-table"'))]


def test_the_file_has_the_numbers_of_the_page(visitor: Client) -> None:
    answer = visitor.get(f"/simulateur.csv?{CROWDS}&fonds=1000&rapport=2")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["mechanism"] for row in rows] == ["quadratic"] * 2 + ["pairwise"] * 2 + ["proportional"] * 2
    garden = rows[0]
    assert (garden["project"], garden["people"], garden["received"], garden["added"], garden["bound_by"]) == (
        "Garden",
        "10",
        "50.00",
        euros_of_cents(10_000),
        "max_ratio",
    )


def test_no_cell_of_the_file_is_run_by_a_spreadsheet(english: None) -> None:
    asked = QueryDict(f"p={'%3DSUM(1)'}&n=2&a=5")
    form = RulesForm(asked)
    assert form.is_valid()
    assert "'=SUM(1)" in as_csv(outcomes(read_world(asked), form.rules, form.fund, [Mechanism.QUADRATIC]))


def test_a_file_that_cannot_be_made_leads_to_the_page_that_says_why(visitor: Client) -> None:
    answer = visitor.get("/simulateur.csv?p=Garden&n=x&a=5")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/simulateur/?p=Garden")


def test_rules_that_do_not_fit_a_formula_are_told_without_words_of_files(visitor: Client) -> None:
    page = visitor.get(
        "/simulateur/?p=Garden&n=10&a=5&fonds=1000&reserve=up_to_ideal&m=heads", HTTP_ACCEPT_LANGUAGE="en"
    )
    outcome = page.content.decode().split("What the fund adds")[1]
    assert "This formula counts people rather than euros" in outcome
    assert "whole_pot" not in outcome


def test_a_page_that_stays_gets_the_outcome_alone_and_its_address(visitor: Client) -> None:
    piece = visitor.get(f"{PAGE}?{CROWDS}&p=&n=&a=", headers={"HX-Request": "true"})
    assert piece.content.startswith(b'<section id="outcome"')
    assert piece["HX-Replace-Url"] == f"{PAGE}?p=Garden&p=Fountain&n=10&n=1&a=5&a=500"
    assert "HX-Request" in piece["Vary"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("fonds=much", "Write an amount in euros, such as 12 or 12.50."),
        ("fonds=0,10", "Give at least €1."),
        ("seuil=60&plafond=50", "No gift could count: this is more than what counts at most."),
        ("plafond=4&paliers=oui", "No gift could count: the smallest step is €5."),
        ("seuil=0", "Give at least €0.01."),
        ("part=150", "Write a number above 0, at most 100, such as 10."),
        ("part=a tenth", "Write a number above 0, at most 100, such as 10."),
        ("part=1e9", "Write a number above 0, at most 100, such as 10."),
        ("rapport=0", "Write a number above 0, such as 2 or 1.5."),
        ("minimum=0", "Write a number of people, such as 5."),
        ("m=lottery", "lottery"),
        ("reserve=x", "x"),
    ],
)
def test_rules_that_cannot_be_are_said_and_stay_written(visitor: Client, query: str, sentence: str) -> None:
    page = words_of(visitor, f"{CROWDS}&{query}")
    assert "This could not be counted" in page
    assert sentence in page
    name, value = query.split("&", maxsplit=1)[0].split("=")
    assert name in {"m", "reserve"} or f'value="{value}"' in page
    assert 'value="Garden"' in page


def test_nobody_gives_yet(visitor: Client) -> None:
    assert "Nobody gives yet" in words_of(visitor, "fonds=100")


def test_hostile_names_are_only_names(visitor: Client) -> None:
    page = visitor.get(PAGE, {"p": '<script>alert("x")</script>', "n": "2", "a": "5"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_limits_of_a_first_round_are_one_link_away(visitor: Client) -> None:
    page = words_of(visitor, CROWDS)
    found = re.search(r'href="(/simulateur/\?[^"]+)#rules"', page)
    assert found is not None
    guarded = QueryDict(found.group(1).partition("?")[2])
    assert {key: guarded[key] for key in GUARDED} == GUARDED
    assert "Take all limits off" in unescape(visitor.get(found.group(1)).content.decode())
    form = RulesForm(guarded)
    assert form.is_valid()
    assert form.rules == read_rules({"preset": "guarded", "cap_at_need": False})


@pytest.mark.parametrize("address", ["/", "/comment-ca-marche/"])
def test_pages_lead_to_it(visitor: Client, address: str) -> None:
    page = visitor.get(address).content.decode()
    assert page.count('href="/simulateur/"') == 2, "beside the drawing and in the footer"
