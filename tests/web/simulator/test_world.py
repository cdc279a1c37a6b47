"""What is written in the simulator becomes gifts, or a sentence that says what to mend."""

from __future__ import annotations

from collections import Counter

import pytest
from django.http import QueryDict
from django.utils.translation import override

from abonde.web.simulator.world import (
    MOST_GIFTS,
    MOST_LETTERS,
    MOST_PEOPLE,
    MOST_PROJECTS,
    Row,
    World,
    read_world,
)
from abonde.web.wording import sentences


def world(query: str = "", /, **written: list[str]) -> World:
    asked = QueryDict(query, mutable=True)
    for key, values in written.items():
        asked.setlist(key, values)
    with override("en"):
        return read_world(asked)


def told(found: World) -> list[str]:
    with override("en"):
        return [sentence for problem in found.problems for sentence in sentences(problem)]


def test_a_row_is_a_crowd_and_crowds_are_strangers() -> None:
    found = world(p=["Garden", " ", "Garden"], n=["3", "", "2"], a=["5", "", "12,50"])
    assert Counter((gift.project, gift.cents) for gift in found.gifts) == {
        ("Garden", 500): 3,
        ("Garden", 1250): 2,
    }
    assert found.people == 5
    assert found.received == 4000
    assert len(found.rows) == 2


def test_a_plus_says_that_the_same_people_give_to_both() -> None:
    found = world(p=["Garden + Fountain + Garden"], n=["4"], a=["5"])
    assert found.projects == ["Garden", "Fountain"]
    assert (found.people, len(found.gifts)) == (4, 8)


@pytest.mark.parametrize(
    "pasted",
    [
        "Garden; 10; 5\r\nFountain; 1; 500",
        "Garden,10,5\nFountain,1,500",
        "Garden\t10\t5\n\nFountain\t1\t500\n",
        "project;people;amount\nGarden;10;5\nFountain;1;500",
        "Garden;10;5,00 €\nFountain;1;500",
    ],
)
def test_lists_are_pasted_as_spreadsheets_write_them(pasted: str) -> None:
    found = world(lignes=[pasted])
    assert Counter((gift.project, gift.cents) for gift in found.gifts) == {
        ("Garden", 500): 10,
        ("Fountain", 50_000): 1,
    }
    assert not found.problems


def test_gifts_are_drawn_by_lot_and_the_same_lot_draws_the_same() -> None:
    found = world("dons=60&projets=4&tirage=7")
    assert found.gifts == world("dons=60&projets=4&tirage=7").gifts
    assert found.gifts != world("dons=60&projets=4&tirage=8").gifts
    assert len(found.gifts) == 60
    assert set(found.projects) <= {"Project A", "Project B", "Project C", "Project D"}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("", "10", "5"), "Row 1: name the project."),
        (("Garden", "", "5"), "Row 1: write how many people give, such as 10."),
        (("Garden", "ten", "5"), "Row 1: write how many people give, such as 10."),
        (("Garden", "0", "5"), "Row 1: write how many people give, such as 10."),
        (("Garden", "²", "5"), "Row 1: write how many people give, such as 10."),
        (("Garden", "10", ""), "Row 1: write what each of them gives, from 0.01 to 100,000 euros."),
        (("Garden", "10", "-5"), "Row 1: write what each of them gives, from 0.01 to 100,000 euros."),
        (("Garden", "10", "9" * 40), "Row 1: write what each of them gives, from 0.01 to 100,000 euros."),
        (("G" * 41, "10", "5"), f"Row 1: the name {'G' * 40}… is too long; 40 letters are enough."),
    ],
)
def test_what_cannot_be_read_is_said_and_stays(row: tuple[str, str, str], sentence: str) -> None:
    project, people, amount = row
    found = world(p=[project, "Fountain"], n=[people, "x"], a=[amount, "1"])
    assert told(found) == [sentence, "Row 2: write how many people give, such as 10."], "all in one go"
    assert found.rows[0] == Row(project=project, people=people, amount=amount)


def test_a_pasted_line_is_named_by_its_number() -> None:
    assert told(world(lignes=["Garden;10;5\n12;5"])) == [
        "Line 2: write project; people; amount, such as Shared garden; 10; 5."
    ]


@pytest.mark.parametrize(
    ("lists", "most"),
    [
        ({"p": ["A"], "n": [str(MOST_PEOPLE + 1)], "a": ["5"]}, MOST_PEOPLE),
        ({"p": ["A", "B"], "n": [str(MOST_PEOPLE), "1"], "a": ["5", "5"]}, MOST_PEOPLE),
        (
            {"p": [f"Project {n}" for n in range(MOST_PROJECTS + 1)], "n": ["1"] * 13, "a": ["5"] * 13},
            MOST_PROJECTS,
        ),
        ({"p": ["+".join(f"P{n}" for n in range(500))], "n": ["400"], "a": ["5"]}, MOST_PROJECTS),
        (
            {
                "p": ["A + B + C", "D"],
                "n": [str(MOST_PEOPLE - 1), "1"],
                "a": ["5", "5"],
                "dons": ["600"],
                "projets": ["2"],
            },
            MOST_PEOPLE,
        ),
        ({"p": ["A + B + C + D"], "n": [str(MOST_PEOPLE)], "a": ["5"]}, MOST_GIFTS),
        ({"p": ["A"] * 30, "n": ["1"] * 30, "a": ["5"] * 30}, 20),
        ({"lignes": ["x" * (MOST_LETTERS + 1)]}, MOST_LETTERS),
    ],
)
def test_too_much_is_not_counted_at_all(lists: dict[str, list[str]], most: int) -> None:
    found = world("", **lists)
    assert found.gifts == ()
    assert str(most) in told(found)[-1]


@pytest.mark.parametrize(
    "query",
    [
        "dons=601&projets=3",
        "dons=10",
        "dons=x&projets=3",
        "dons=10&projets=13",
        "dons=10&projets=3&tirage=-1",
    ],
)
def test_a_lot_that_cannot_be_drawn_is_said(query: str) -> None:
    found = world(query)
    assert len(found.problems) == 1
    assert told(found)[0].startswith("By lot: ")
    assert found.gifts == ()
