from __future__ import annotations

import json

import pytest
from django.utils.translation import override

from abonde.matching.rules import PRESETS, Mechanism, Rules, Sharing
from abonde.organisations.models import Kind
from abonde.rounds.models import Round
from abonde.rounds.rules_text import contents, readable, rules_text
from abonde.rounds.states import State
from abonde.rounds.wording import sections
from tests.factories import a_round


def words(round_: Round) -> str:
    return readable(round_, language="en")


def with_rules(**written: object) -> Round:
    return a_round(state=State.DRAFT, fund=0, written_rules={"preset": "plain", **written})


ONE_SENTENCE_EACH: dict[str, tuple[object, str, str]] = {
    # key: a value, the sentence it gives, the sentence of "none" or of the other value
    "count_from": ("7.50", "A sum below €7.50 is not matched", "There is no smallest sum"),
    "count_up_to": (50, "Of a sum above €50, €50 count", "There is no largest sum"),
    "steps": ([5, 10, 20], "the nearest lower step of €5, €10 and €20", "Sums count to the cent"),
    "min_supporters": (3, "at least 3 people", "There is no smallest number of supporters"),
    "max_share": ("1/8", "at most 1/8 of the whole fund", "There is no largest share"),
    "max_ratio": ("1.5", "at most €1.50 for each euro", "There is no limit to what the fund adds"),
    "cap_at_need": (True, "never takes a project beyond", "may take a project beyond"),
    "redistribute": (False, "goes back to the funders", "goes to the others"),
    "sharing": ("up_to_ideal", "No project receives more than its support", "The whole of each pot"),
}


@pytest.mark.parametrize("key", ONE_SENTENCE_EACH)
def test_each_parameter_has_its_sentence_written_or_not(database: None, key: str) -> None:
    value, said, otherwise = ONE_SENTENCE_EACH[key]
    assert said in words(with_rules(**{key: value}))
    assert otherwise in words(with_rules())


def test_every_parameter_of_the_mechanism_is_in_the_text(database: None) -> None:
    tested = {*ONE_SENTENCE_EACH, "mechanism", "pairwise_m", "cluster_form"}
    assert tested == set(PRESETS["plain"].to_mapping())


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_every_mechanism_is_explained(database: None, mechanism: Mechanism) -> None:
    text = words(with_rules(mechanism=mechanism.value))
    assert "The support of a project" in text
    assert ("€25" in text) is (mechanism is Mechanism.PAIRWISE)
    assert ("soft form" in text) is (mechanism is Mechanism.CLUSTER)


def test_the_text_says_who_where_and_when(database: None) -> None:
    made = a_round(state=State.DRAFT, name="Vallée <b>&</b>")
    text = words(made)
    for said in (
        "Vallée <b>&</b>",
        "Fondation",
        "Ville",
        "Entreprise",
        "Die",
        "Vivre avec le vivant",
        "14 days",
    ):
        assert said in text


def test_the_text_is_signed_in_french_whatever_the_page_speaks(database: None) -> None:
    made = a_round(state=State.DRAFT)
    with override("en"):
        in_english = rules_text(made)
    with override("fr"):
        assert rules_text(made) == in_english
        french = [section.heading for section in sections(made)]
    assert all(f"## {heading}" in in_english.text for heading in french)


def test_the_contents_are_complete_and_without_personal_data(database: None) -> None:
    made = a_round(state=State.DRAFT)
    written = contents(made)
    assert written["rules"] == made.rules.to_mapping()
    assert [one["part"] for one in written["parties"]] == [Kind.CERTIFIER, Kind.FUNDER]
    assert all(instant.endswith("Z") for instant in written["calendar"].values() if isinstance(instant, str))
    assert "@" not in json.dumps(written)


def test_rules_written_and_read_back_are_the_same(database: None) -> None:
    rules = Rules(sharing=Sharing.UP_TO_IDEAL, max_share=PRESETS["guarded"].max_share)
    made = a_round(state=State.DRAFT, fund=0, written_rules=rules.to_mapping())
    made.refresh_from_db()
    assert made.rules == rules
