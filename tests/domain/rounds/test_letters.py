from __future__ import annotations

import pytest

from abonde.core.clock import present_time
from abonde.notifications.letters import write
from abonde.notifications.models import Letter
from abonde.organisations.models import Kind
from abonde.rounds.actions import accept_party, invite_party
from abonde.rounds.letters import tell_managers
from abonde.rounds.states import State
from tests.factories import a_round, an_opened_round, an_organisation, the_manager

KINDS = (
    "round-invitation",
    "round-accepted",
    "round-to-sign",
    "round-all-signed",
    "round-opened",
    "round-giving",
    "round-closed",
)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_letter_names_its_round_and_leads_to_its_page(database: None, language: str) -> None:
    made = an_opened_round(name="L’Été & <Cie>")
    manager = the_manager(made.host)
    manager.language = language
    manager.save()
    more = {"sha256": "ab" * 32, "party": "Ville", "text": 1}
    for kind in KINDS:
        tell_managers(kind, made, [made.host], once=f"{kind} {language} {made.pk}", **more)
        letter = Letter.objects.get(once=f"{kind} {made.pk} {kind} {language} {made.pk} {manager.pk}")
        written = write(letter)
        assert made.name in written.subject + written.text
        assert "&lt;Cie&gt;" in written.html + written.subject.replace("<", "&lt;").replace(">", "&gt;")
        assert f"/campagnes/{made.slug}/" in written.text
        assert f"/campagnes/{made.slug}/" in written.html
        assert "{" not in written.text + written.subject


def test_a_letter_is_written_once_however_often_it_is_asked_for(database: None) -> None:
    made = a_round(state=State.DRAFT)
    invited = an_organisation(Kind.FUNDER)
    manager = the_manager(made.host)
    party = invite_party(person=manager, round=made, organisation=invited)
    invite_party(person=manager, round=made, organisation=invited)
    accept_party(person=the_manager(invited), party_id=party.pk)
    accept_party(person=the_manager(invited), party_id=party.pk)
    assert Letter.objects.filter(kind="round-invitation", person=the_manager(invited)).count() == 1
    assert Letter.objects.filter(kind="round-accepted", person=manager).count() == 1
    assert party.invited_at <= present_time()
