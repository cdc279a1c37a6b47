"""A step of setting a round up saves by itself: whole or not at all, never over what somebody else has written."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from abonde.core.models import Event
from abonde.rounds.models import Round
from abonde.rounds.states import State
from tests.factories import a_round, the_manager

pytestmark = pytest.mark.usefixtures("database")

BY_ITSELF = {"hx-request": "true"}


class Writer:
    """A manager of the host with one step open."""

    def __init__(self, round_: Round, step: str) -> None:
        self.browser = Client(headers={"accept-language": "en"})
        self.browser.force_login(the_manager(round_.host))
        self.url = f"/espace/{round_.host.slug}/campagnes/{round_.slug}/{step}/"
        self.hidden = self._hidden(self.browser.get(self.url).content.decode())

    def pauses(self, **written: str) -> str:
        """What the page hears after a pause; what it hears of hidden fields is sent the next time."""
        answer = self.browser.post(self.url, {**self.hidden, **written}, headers=BY_ITSELF)
        assert answer.status_code == 200
        piece = answer.content.decode()
        assert "<html" not in piece
        self.hidden |= self._hidden(piece)
        return piece

    def presses(self, **written: str) -> str:
        """The page after the button."""
        return self.browser.post(self.url, {**self.hidden, **written}, follow=True).content.decode()

    @staticmethod
    def _hidden(page: str) -> dict[str, str]:
        inputs = re.findall(r'<input type="hidden"[^>]*>', page)
        named = [(re.search(r'name="([^"]+)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs]
        return {name[1]: value[1] if value else "" for name, value in named if name}


@pytest.fixture
def draft(database: None) -> Round:
    return a_round(state=State.DRAFT)


def test_what_is_written_is_saved_at_each_pause_and_said(draft: Round) -> None:
    writer = Writer(draft, "identite")
    for name in ("Notre", "Notre vallée"):
        piece = writer.pauses(name=name, summary="Une phrase.", description="")
        assert re.search(r"Saved at \d\d:\d\d", piece)
        assert 'id="steps"' in piece
    draft.refresh_from_db()
    assert (draft.name, draft.summary) == ("Notre vallée", "Une phrase.")


def test_nothing_new_is_no_event(draft: Round) -> None:
    writer = Writer(draft, "identite")
    words = {"name": "Notre vallée", "summary": "Une phrase.", "description": ""}
    writer.pauses(**words)
    events, version = Event.objects.count(), Round.objects.get(pk=draft.pk).version
    assert "Saved at" in writer.pauses(**words)
    assert (Event.objects.count(), Round.objects.get(pk=draft.pk).version) == (events, version)


def test_a_mistake_is_said_at_its_field_and_nothing_is_saved_by_half(draft: Round) -> None:
    writer = Writer(draft, "calendrier")
    dates = {"giving_opens_at": "2030-03-01T08:00", "objection_days": "21"}
    piece = writer.pauses(**dates, giving_closes_at="2030-02-01T08:00")
    assert "Not saved yet" in piece
    assert re.search(r'id="id_giving_closes_at_error"[^>]*><li>.*Giving ends before it begins', piece)
    assert 'href="#id_giving_closes_at"' in piece
    assert Round.objects.get(pk=draft.pk).objection_days == draft.objection_days
    piece = writer.pauses(**dates, giving_closes_at="2030-04-01T08:00")
    assert "Saved at" in piece
    assert re.search(r'id="id_giving_closes_at_error"[^>]*></ul>', piece)
    assert Round.objects.get(pk=draft.pk).objection_days == 21


def test_of_two_windows_the_later_one_is_told_until_its_reader_presses_the_button(draft: Round) -> None:
    first, second = Writer(draft, "identite"), Writer(draft, "identite")
    words = {"summary": "Une phrase.", "description": ""}
    assert "Saved at" in first.pauses(name="Premier", **words)
    for _again in range(2):  # a page that has been told does not try with the other's version
        piece = second.pauses(name="Second", **words)
        assert "in another window" in piece
        assert Round.objects.get(pk=draft.pk).name == "Premier"
    page = second.presses(name="Second", **words)
    assert "in another window" in page
    assert 'value="Second"' in page
    assert "saving.js" not in page  # nothing goes over the other's words while they are compared
    assert Round.objects.get(pk=draft.pk).name == "Premier"
    second.hidden |= second._hidden(page)
    second.presses(name="Second", **words)
    assert Round.objects.get(pk=draft.pk).name == "Second"


def test_rows_keep_who_they_are(draft: Round) -> None:
    draft.challenges.all().delete()
    writer = Writer(draft, "defis")
    rows = {"form-0-name": "Bien manger"}
    assert "Saved at" in writer.pauses(**rows)
    kept = draft.challenges.get()
    rows |= {"form-2-name": "Se déplacer", "form-2-question": "Comment ?"}
    assert "Saved at" in writer.pauses(**rows)
    assert [one.name for one in draft.challenges.all()] == ["Bien manger", "Se déplacer"]
    writer.pauses(**rows | {"form-0-name": "Bien manger ensemble"})
    assert list(draft.challenges.values_list("pk", "name")) == [
        (kept.pk, "Bien manger ensemble"),
        (draft.challenges.get(name="Se déplacer").pk, "Se déplacer"),
    ]
    writer.pauses(**rows | {"form-0-name": ""})
    assert [one.name for one in draft.challenges.all()] == ["Se déplacer"]


def test_a_preset_that_is_only_shown_saves_nothing(draft: Round) -> None:
    browser = Writer(draft, "abondement").browser
    address = f"/espace/{draft.host.slug}/campagnes/{draft.slug}/abondement/"
    assert "saving.js" in browser.get(address).content.decode()
    assert "saving.js" not in browser.get(f"{address}?preset=plain").content.decode()


def test_an_open_round_refuses_in_a_sentence(draft: Round) -> None:
    writer = Writer(draft, "identite")
    Round.objects.filter(pk=draft.pk).update(state=State.CANCELLED)
    piece = writer.pauses(name="Trop tard", summary="", description="")
    assert "is no longer a draft" in piece
    assert Round.objects.get(pk=draft.pk).name == draft.name
