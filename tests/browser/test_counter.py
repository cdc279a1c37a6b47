"""The counter with hands that never leave the keyboard: how many keys somebody takes, and what axe finds on each page of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from abonde.organisations.models import Role
from abonde.register.counter import number_for
from abonde.register.identity import read_pivot
from abonde.register.models import PostedCode, Register, Strategy
from abonde.register.queries import has_voice
from tests.browser.test_accessibility import TOO_WIDE, cookie_of, violations
from tests.domain.register.test_claims import an_entry
from tests.factories import a_person, a_register, an_agent

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.installation import Installation

SECONDS: Final = 15
PER_KEY: Final = 0.28
"""Seconds: somebody who types as most do, by the keystroke-level model of Card, Moran and Newell."""
TO_LOOK: Final = 1.35
"""Seconds to look at a card or a screen and go on, by the same model."""
BESIDES: Final = 4
"""Keys that are pressed beside what the card and the screen say: two to the next field, two to send."""


class Hands:
    """Somebody at the keyboard of the counter, who counts."""

    def __init__(self, page: Page, register: Register, site: Installation) -> None:
        self.page = page
        self.keys = 0
        self.waited = 0.0
        self.address = f"{site.url}/espace/{register.owner.slug}/guichet/"
        self.begin()

    def begin(self) -> None:
        """Open the counter anew."""
        self.page.goto(self.address)
        self._ready()

    def _ready(self) -> None:
        """Every page of the counter puts the focus where the hands go on."""
        self.page.wait_for_function("document.activeElement !== document.body")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def send(self) -> None:
        """Press Enter, and wait until the next page can be typed in."""
        begun = time.perf_counter()
        with self.page.expect_navigation():
            self.press("Enter")
        self._ready()
        self.waited += time.perf_counter() - begun

    def look_up(self, birth_name: str, given_name: str, born: str) -> None:
        self.type(birth_name)
        self.press("Tab")
        self.type(given_name)
        self.press("Tab")
        self.type(born)
        self.send()

    @property
    def focus(self) -> str:
        """The name, or the words, of what has the focus."""
        return str(self.page.evaluate("document.activeElement.name || document.activeElement.innerText"))

    @property
    def words(self) -> str:
        return self.page.locator("main").inner_text()


@pytest.fixture
def register(database: None) -> Register:
    made = a_register(strategy=Strategy.CERTIFIED)
    an_entry(made, read_pivot("Lefèvre", "Zoé", "1990-03-12"))
    an_entry(made, read_pivot("Petit", "Léa", "1980-02-01"))
    return made


@pytest.fixture
def hands(register: Register, installation: Installation, browser: Browser) -> Iterator[Hands]:
    context = browser.new_context(
        locale="fr-FR",
        bypass_csp=True,  # for axe
        reduced_motion="reduce",
        viewport={"width": 1280, "height": 900},
    )
    official = an_agent(register.owner, Role.REGISTRAR)
    context.add_cookies([cookie_of(official, installation.url)])  # type: ignore[list-item]
    yield Hands(context.new_page(), register, installation)
    context.close()


def is_for_everyone(page: Page) -> bool:
    """Whether axe finds nothing, and nothing is wider than a phone."""
    found = violations(page)
    page.set_viewport_size({"width": 390, "height": 844})
    found += [wide for wide in [page.evaluate(TOO_WIDE)] if wide]
    page.set_viewport_size({"width": 1280, "height": 900})
    assert not found, "\n".join(found)
    return True


def test_a_person_is_certified_by_the_keyboard_alone_within_seconds(hands: Hands, register: Register) -> None:
    for card in (("LEFEVRE", "ZOE", "12031990"), ("PETIT", "LEA", "01021980")):
        person = a_person()
        number = number_for(person).number
        hands.keys, hands.waited = 0, 0.0
        assert hands.focus == "birth_name"
        hands.look_up(*card)
        assert hands.focus == "number"
        hands.type(number)
        hands.send()
        assert has_voice(person, register)
        assert hands.keys == sum(map(len, card)) + len(number) + BESIDES
        assert hands.keys * PER_KEY + 2 * TO_LOOK + hands.waited <= SECONDS
    assert hands.focus == "birth_name"


def test_who_has_no_phone_takes_a_slip_along(hands: Hands, register: Register) -> None:
    hands.look_up("LEFEVRE", "ZOE", "12031990")
    hands.press("Tab")
    hands.press("Tab")
    hands.send()
    assert PostedCode.objects.filter(entry__register=register, used_at=None).count() == 1
    assert is_for_everyone(hands.page)
    assert hands.focus == "Personne suivante"
    hands.send()
    assert hands.focus == "birth_name"


def test_every_answer_of_the_counter_is_for_everyone(hands: Hands, register: Register) -> None:
    assert is_for_everyone(hands.page)
    hands.look_up("LEFEVRE", "ZOE", "12031990")
    assert is_for_everyone(hands.page)
    hands.type("000000")
    hands.send()
    assert is_for_everyone(hands.page)
    for card in (("LEFEVBRE", "ZOE", "12031990"), ("PERSONNE", "LEA", "1980"), ("PETIT", "LEA", "demain")):
        hands.begin()
        hands.look_up(*card)
        assert card[0] in str(hands.page.locator("[name=birth_name]").first.input_value())
        assert is_for_everyone(hands.page)
