"""Cards are drawn once, and never shown to who should see another."""

from __future__ import annotations

from django.utils.translation import override

from abonde.web.projects.cards import Card

CARD = Card(
    round_slug="vallons",
    takes_gifts=True,
    slug="mare",
    name="La mare",
    summary="Creuser.",
    challenge="Vivre",
    picture=None,
    minimum=0,
    ideal=350_000,
    received=12_300,
    added=4_500,
    givers=7,
)


def test_a_card_that_nobody_has_changed_is_drawn_once() -> None:
    with override("fr"):
        assert CARD.drawn() is CARD._replace().drawn()


def test_each_language_has_its_own() -> None:
    with override("fr"):
        assert "7 personnes ont donné" in CARD.drawn()
    with override("en"):
        assert "7 people gave" in CARD.drawn()


def test_what_changes_is_drawn_anew() -> None:
    with override("fr"):
        assert "123\u202f€ donnés" in CARD.drawn()
        assert "200\u202f€ donnés" in CARD._replace(received=20_000).drawn()
        assert "Le lavoir" in CARD._replace(name="Le lavoir").drawn()


def test_before_gifts_are_possible_the_need_is_shown() -> None:
    with override("fr"):
        shown = CARD._replace(takes_gifts=False, givers=0).drawn()
    assert "3\u202f500\u202f€" in shown
    assert "donnés" not in shown


def test_names_are_text() -> None:
    assert "&lt;b&gt;" in CARD._replace(name="<b>").drawn()
