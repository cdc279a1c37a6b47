"""The picture of ten small gifts beside a large one: its numbers are the mechanism's, its lengths are its numbers."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils.translation import override

from abonde.matching import PRESETS, UNIT, Cents, Gift, Limit, Mechanism, raw_support, read_rules, tally_gifts
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.web.drawing.idea import GROUND, HIGHEST, WIDTH, blocks, idea_svg
from abonde.web.drawing.people import RING, crowd, threads
from abonde.web.drawing.weighing import EXAMPLE_FUND, tells, weigh
from tests.factories import a_project, a_round

HTMX = {"HX-Request": "true"}


@pytest.fixture
def visitor(database: None) -> Client:
    return Client(headers={"accept-language": "en"})


def words_of(visitor: Client, address: str) -> str:
    return unescape(visitor.get(address).content.decode())


@pytest.mark.parametrize(("people", "cents"), [(10, 500), (2, 100), (7, 1234), (60, 1)])
def test_the_fund_adds_what_the_formula_comes_to(people: int, cents: int) -> None:
    rules = PRESETS["plain"]
    tally = tally_gifts([Gift(f"person {n}", "many", cents) for n in range(people)], rules)
    drawn = weigh(people=people, gift=Cents(cents))
    assert drawn.many.added == raw_support(tally["many"], rules) // UNIT > 0
    assert drawn.one.added == 0
    assert drawn.pairs == people * (people - 1) // 2


def test_nobody_alone_moves_the_fund_and_a_fund_has_an_end() -> None:
    assert weigh(people=1, gift=Cents(50_000)).many.added == 0
    drawn = weigh(people=100, gift=Cents(10_000))
    assert drawn.exhausted
    assert drawn.many.added == EXAMPLE_FUND


def test_a_limit_of_the_rules_is_named() -> None:
    rules = read_rules({"preset": "plain", "max_ratio": 2})
    drawn = weigh(rules=rules, fund=Cents(100_000))
    assert (drawn.many.added, drawn.many.bound_by) == (10_000, Limit.MAX_RATIO)
    assert not tells(rules.with_mechanism(Mechanism.CLUSTER))


@pytest.mark.parametrize("people", [1, 2, 10, 24, 25, 100])
def test_lengths_are_amounts_and_everybody_stands_there(people: int) -> None:
    drawn = weigh(people=people)
    highest = max(drawn.many.total, drawn.one.total)
    for side in (drawn.many, drawn.one):
        given, added = blocks(side, highest)
        if side.given * HIGHEST > 3 * highest:
            assert given.height == pytest.approx(HIGHEST * side.given / highest)
        assert given.top + given.height == pytest.approx(GROUND)
        assert added.baseline < given.baseline - 30, "amounts do not cover each other"
        assert added.top >= GROUND - HIGHEST - 4
    with override("en"):
        picture = idea_svg(drawn, alternative='10 < 500 & "so on"')
    read = ET.fromstring(picture)
    shapes = [one.get("class") for one in read.iter()]
    assert shapes.count("idea__person") == people + 1
    assert shapes.count("idea__added") == (1 if people > 1 else 0)
    assert read.get("aria-label") == '10 < 500 & "so on"'
    assert "style" not in picture


def test_people_are_of_one_size_and_each_pair_has_its_thread() -> None:
    for number in (1, 2, 10, RING, RING + 1, 100):
        found = crowd(number, x=75, y=246)
        assert len(found) == len({(one.x, one.y) for one in found}) == number
        assert len({one.width for one in found}) == 1
        assert all(one.x - one.width / 2 >= 0 and one.x + one.width / 2 <= WIDTH / 2 for one in found)
        if 1 < number <= RING:
            assert threads(number, x=75, y=246).count("L") == number * (number - 1) // 2


@pytest.mark.parametrize("address", ["/", "/comment-ca-marche/"])
def test_pages_answer_the_visitors_own_numbers(visitor: Client, address: str) -> None:
    usual = words_of(visitor, address)
    assert (
        "10 people give €5 each: the fund adds €450. One person gives €500: the fund adds nothing." in usual
    )
    own = words_of(visitor, f"{address}?personnes=20&don=2,50")
    assert "20 people give €2.50 each: the fund adds €950." in own
    assert re.search(r'name="personnes" value="20"', own)
    assert '<td class="number">€50</td>' in own, "the same in numbers"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("personnes=0&don=5", "It takes at least one person."),
        ("personnes=101&don=5", "The drawing has room for at most 100 people."),
        ("personnes=dix&don=5", "Write a number of people, such as 10."),
        ("personnes=10&don=cinq", "Write an amount in euros, such as 12 or 12.50."),
        ("personnes=10&don=0,50", "Give at least €1."),
        ("personnes=10&don=100000000000000000", "Write an amount in euros"),
        ("personnes=10&don=501", "Give at most €500."),
    ],
)
def test_what_cannot_be_drawn_is_said_and_stays_written(visitor: Client, query: str, sentence: str) -> None:
    page = words_of(visitor, f"/comment-ca-marche/?{query}")
    assert sentence in page
    assert f'value="{query.split("don=")[1]}"' in page
    assert "10 people give €5 each" in page


def test_a_page_that_stays_gets_the_picture_alone(visitor: Client) -> None:
    piece = visitor.get("/dessin/?personnes=3&don=9", headers=HTMX)
    assert piece.content.startswith(b'<div id="idea-drawn"')
    assert "HX-Request" in piece["Vary"]
    alone = visitor.get("/dessin/?personnes=3&don=9")
    assert alone["Location"] == "/comment-ca-marche/?personnes=3&don=9#idea"


def test_nothing_written_is_the_usual(visitor: Client) -> None:
    assert "10 people give €5 each" in words_of(visitor, "/comment-ca-marche/?personnes=&don=")


def ruled(**written: object) -> Round:
    return a_round(state=State.GIVING, written_rules={"preset": "plain", **written})


def test_a_round_is_drawn_with_its_own_rules_and_fund(visitor: Client) -> None:
    made = ruled(max_ratio="3")
    page = words_of(visitor, f"/campagnes/{made.slug}/")
    assert "10 people give €5 each: the fund adds €150." in page
    assert "at most 3 € from the fund for each euro that counts" in page
    piece = visitor.get(f"/campagnes/{made.slug}/dessin/?personnes=20", headers=HTMX).content.decode()
    assert "20 people give €5 each: the fund adds €300." in piece


def test_where_the_picture_says_nothing_it_is_not_there(visitor: Client) -> None:
    made = ruled(mechanism="cluster")
    assert 'id="idea"' not in words_of(visitor, f"/campagnes/{made.slug}/")
    assert visitor.get(f"/campagnes/{made.slug}/dessin/", headers=HTMX).status_code == 404
    draft = a_round(state=State.DRAFT)
    assert visitor.get(f"/campagnes/{draft.slug}/dessin/", headers=HTMX).status_code == 404


def test_an_empty_basket_shows_it_and_a_full_one_leads_to_it(visitor: Client) -> None:
    made = a_round(state=State.GIVING)
    project = a_project(made)
    basket = f"/campagnes/{made.slug}/panier/"
    assert 'id="idea"' in words_of(visitor, basket)
    put = visitor.post(f"{basket}{project.slug}/", {"suggested": "500"})
    assert put.status_code == 302
    full = words_of(visitor, basket)
    assert 'id="idea"' not in full
    assert 'href="/comment-ca-marche/?don=5#idea"' in full
