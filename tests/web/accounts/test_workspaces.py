from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from abonde.notifications.models import Letter
from abonde.organisations import signing
from abonde.organisations.models import Invitation, Kind, Membership, Organisation, Role
from abonde.organisations.permissions import role_of
from abonde.people.models import Person
from abonde.rounds.states import State
from abonde.web import workspaces
from abonde.web.workspaces import Link, Waiting
from tests.factories import a_person, a_round, an_agent, an_organisation, the_manager, unique


@pytest.fixture(autouse=True)
def no_attempts_before(database: None) -> None:
    cache.clear()


def browser_of(person: Person | None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if person is not None:
        client.force_login(person)
    return client


def a_guest_of(organisation: Organisation, role: Role = Role.READER) -> tuple[str, str]:
    """An invited address, and the way that its letter shows."""
    address = f"{unique('guest')}@example.org"
    browser_of(the_manager(organisation)).post(
        f"/espace/{organisation.slug}/equipe/", {"email": address, "role": role}
    )
    token = Letter.objects.get(kind="invitation", address=address).values["token"]
    return address, f"/invitations/{token}/"


EXPECTED = {
    # room: manager, reader, treasurer of the host; manager of another host; manager of a funder
    "": (200, 200, 200, 404, 404),
    "equipe/": (200, 200, 200, 404, 404),
    "equipe/{membership}/": (200, 403, 403, 404, 404),
    "equipe/{membership}/depart/": (200, 200, 200, 404, 404),
    "organisation/": (200, 403, 403, 404, 404),
    "organisation/cle/": (200, 403, 403, 404, 404),
}


@pytest.mark.parametrize("room", EXPECTED)
def test_each_room_opens_to_its_roles_of_its_organisation_only(database: None, room: str) -> None:
    organisation = an_organisation(Kind.HOST)
    membership = Membership.objects.get(organisation=organisation).pk
    address = f"/espace/{organisation.slug}/{room.format(membership=membership)}"
    agents = (
        the_manager(organisation),
        an_agent(organisation, Role.READER),
        an_agent(organisation, Role.TREASURER),
        the_manager(an_organisation(Kind.HOST)),
        the_manager(an_organisation(Kind.FUNDER)),
    )
    assert tuple(browser_of(agent).get(address).status_code for agent in agents) == EXPECTED[room]
    assert browser_of(a_person()).get(address).status_code == 404
    anonymous = browser_of(None).get(address)
    assert anonymous.headers["Location"] == f"/compte/connexion/?next={address}"


def test_agents_without_a_second_factor_set_one_up_first(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    agent = an_agent(organisation, Role.MANAGER, second_factor=False)
    entered = browser_of(agent).get(f"/espace/{organisation.slug}/", follow=True)
    assert entered.redirect_chain == [("/compte/securite/", 302)]
    assert "first add a second proof" in entered.content.decode()
    assert f'href="/espace/{organisation.slug}/"' in entered.content.decode()  # the way back, once it is done


def test_who_has_left_finds_no_workspace(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    agent = an_agent(organisation, Role.READER)
    mine = Membership.objects.get(person=agent)
    browser = browser_of(agent)
    left = browser.post(f"/espace/{organisation.slug}/equipe/{mine.pk}/depart/")
    assert left.headers["Location"] == "/espace/"
    assert browser.get(f"/espace/{organisation.slug}/").status_code == 404


def test_a_reader_changes_nothing(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    reader, other = an_agent(organisation, Role.READER), an_agent(organisation, Role.REVIEWER)
    browser, room = browser_of(reader), f"/espace/{organisation.slug}"
    others = Membership.objects.get(person=other).pk
    assert browser.post(f"{room}/equipe/{others}/", {"role": "reader"}).status_code == 403
    assert browser.post(f"{room}/equipe/{others}/depart/").headers["Location"] == f"{room}/equipe/"
    browser.post(f"{room}/equipe/", {"email": "x@example.org", "role": "manager"})
    assert role_of(other, organisation) == Role.REVIEWER
    assert not Invitation.objects.filter(organisation=organisation).exists()


def test_a_membership_of_another_organisation_does_not_exist_here(database: None) -> None:
    host, other = an_organisation(Kind.HOST), an_organisation(Kind.HOST)
    theirs = Membership.objects.get(organisation=other).pk
    browser = browser_of(the_manager(host))
    for room in (f"equipe/{theirs}/", f"equipe/{theirs}/depart/"):
        assert browser.post(f"/espace/{host.slug}/{room}", {"role": "reader"}).status_code == 404
    _address, _way = a_guest_of(other)
    invitation = Invitation.objects.get(organisation=other).pk
    for room in ("renvoi", "retrait"):
        assert browser.post(f"/espace/{host.slug}/equipe/invitations/{invitation}/{room}/").status_code == 404


def test_inviting_and_accepting(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    address, way = a_guest_of(organisation, Role.TREASURER)
    stranger = browser_of(None)
    page = stranger.get(way).content.decode()
    assert organisation.name in page
    assert f"/compte/connexion/?next={way}" in page
    assert stranger.post(way).headers["Location"] == f"/compte/connexion/?next={way}"
    guest = a_person(email=address)
    accepted = browser_of(guest).post(way)
    assert accepted.headers["Location"] == f"/espace/{organisation.slug}/"
    assert role_of(guest, organisation) == Role.TREASURER
    assert browser_of(a_person()).post(way).status_code == 410


def test_sending_again_and_withdrawing(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    address, first = a_guest_of(organisation)
    browser, room = browser_of(the_manager(organisation)), f"/espace/{organisation.slug}/equipe/"

    def pending() -> Invitation:
        return Invitation.objects.get(organisation=organisation, revoked_at=None)

    assert address in browser.get(room).content.decode()
    browser.post(f"{room}invitations/{pending().pk}/renvoi/")
    assert Letter.objects.filter(kind="invitation", address=address).count() == 2
    assert browser.get(first).status_code == 410
    gone = pending().pk
    asked = browser.get(f"{room}invitations/{gone}/retrait/").content.decode()
    assert f"Withdraw the invitation to {address}?" in asked
    assert pending().pk == gone
    browser.post(f"{room}invitations/{gone}/retrait/")
    assert not Invitation.objects.filter(organisation=organisation, revoked_at=None).exists()
    assert browser.post(f"{room}invitations/{gone}/retrait/").status_code == 404
    assert browser.get(f"{room}invitations/{gone}/retrait/").status_code == 404


def test_another_role_is_told_with_a_way_back(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    agent, manager = an_agent(organisation, Role.REVIEWER), the_manager(organisation)
    browser, others = browser_of(manager), Membership.objects.get(person=agent)
    address = f"/espace/{organisation.slug}/equipe/{others.pk}/"
    page = browser.post(address, {"role": "treasurer"}, follow=True).content.decode()
    assert f'<a href="{address}?role=reviewer">Change it back</a>' in page
    assert 'value="reviewer"' in (form := browser.get(f"{address}?role=reviewer").content.decode())
    assert "your own role" not in form
    assert "checked" not in browser.get(f"{address}?role=nonsense").content.decode()
    an_agent(organisation, Role.MANAGER)
    mine = f"/espace/{organisation.slug}/equipe/{Membership.objects.get(person=manager).pk}/"
    assert "your own role" in browser.get(mine).content.decode()
    assert "Change it back" not in browser.post(mine, {"role": "reader"}, follow=True).content.decode()


def test_forms_keep_what_was_typed_and_say_what_to_mend(database: None) -> None:
    organisation = an_organisation(Kind.FUNDER)
    browser = browser_of(the_manager(organisation))
    refused = browser.post(f"/espace/{organisation.slug}/equipe/", {"email": "nobody", "role": "treasurer"})
    assert "nobody" in refused.content.decode()
    details = browser.post(
        f"/espace/{organisation.slug}/organisation/", {"name": "Les Amis", "siren": "123 456 789", "seen": 1}
    )
    assert "is no SIREN number" in details.content.decode()
    assert "Les Amis" in details.content.decode()
    browser.post(
        f"/espace/{organisation.slug}/organisation/", {"name": "Les Amis", "siren": "732 829 320", "seen": 1}
    )
    organisation.refresh_from_db()
    assert (organisation.name, organisation.siren) == ("Les Amis", "732829320")
    stale = browser.post(f"/espace/{organisation.slug}/organisation/", {"name": "Kept as typed", "seen": 1})
    assert "You have changed this in another window" in stale.content.decode()
    assert "Kept as typed" in stale.content.decode()
    colleague = browser_of(an_agent(organisation, Role.MANAGER))
    stale = colleague.post(f"/espace/{organisation.slug}/organisation/", {"name": "Les Amies", "seen": 1})
    assert "Somebody else has changed this" in stale.content.decode()


@pytest.mark.parametrize("done", ["renvoi", "retrait"])
def test_only_managers_answer_for_invitations(database: None, done: str) -> None:
    organisation = an_organisation(Kind.HOST)
    a_guest_of(organisation)
    invitation = Invitation.objects.get(organisation=organisation)
    address = f"/espace/{organisation.slug}/equipe/invitations/{invitation.pk}/{done}/"
    for agent in (an_agent(organisation, Role.READER), an_agent(organisation, Role.TREASURER)):
        assert browser_of(agent).post(address).status_code == 403
    assert browser_of(a_person()).post(address).status_code == 404
    assert browser_of(None).post(address).headers["Location"].startswith("/compte/connexion/")
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_the_last_manager_is_told_to_stay(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    manager = the_manager(organisation)
    mine, room = Membership.objects.get(person=manager), f"/espace/{organisation.slug}/equipe/"
    browser = browser_of(manager)
    assert "at least one manager" in browser.post(f"{room}{mine.pk}/depart/", follow=True).content.decode()
    assert "at least one manager" in browser.post(f"{room}{mine.pk}/", {"role": "reader"}).content.decode()


def test_a_new_signing_key_is_made_after_asking(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    former, room = signing.public_key_of(organisation), f"/espace/{organisation.slug}/organisation/"
    browser = browser_of(the_manager(organisation))
    assert former.hex() in browser.get(room).content.decode()
    browser.get(f"{room}cle/")
    assert signing.public_key_of(organisation) == former
    browser.post(f"{room}cle/")
    assert signing.public_key_of(organisation) != former


def test_the_only_workspace_opens_at_once_and_several_are_offered(database: None) -> None:
    first, second = an_organisation(Kind.HOST), an_organisation(Kind.FUNDER)
    manager = the_manager(first)
    browser = browser_of(manager)
    assert browser.get("/espace/").headers["Location"] == f"/espace/{first.slug}/"
    Membership.objects.create(person=manager, organisation=second, role=Role.READER)
    page = browser.get("/espace/").content.decode()
    assert f"/espace/{first.slug}/" in page
    assert f"/espace/{second.slug}/" in page
    assert "You act for no organisation" in browser_of(a_person()).get("/espace/").content.decode()


def test_rooms_add_what_waits_and_where_to_go(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = an_organisation(Kind.HOST)
    room = f"/espace/{organisation.slug}/fonds/"
    monkeypatch.setattr(workspaces, "rooms", [lambda _organisation, _role: [Link("The fund", room)]])
    monkeypatch.setattr(
        "abonde.web.accounts.workspace.waiting",
        [lambda _organisation, person: [Waiting(f"A signature of {person.name}", room)]],
    )
    page = browser_of(the_manager(organisation)).get(f"/espace/{organisation.slug}/").content.decode()
    assert page.count(room) == 2
    assert "A signature of" in page
    assert page.count('aria-current="page"') == 1


@pytest.mark.parametrize(
    ("page", "room"),
    [
        ("", "/"),
        ("campagnes/{round}/", "/campagnes/"),
        ("campagnes/{round}/candidatures/", "/candidatures/"),
        ("campagnes/{round}/paiements/", "/paiements/"),
        ("fonds/{round}/", "/fonds/"),
        ("equipe/", "/equipe/"),
    ],
)
def test_the_navigation_marks_the_room_in_which_one_is(database: None, page: str, room: str) -> None:
    giving = a_round(state=State.GIVING)
    space = f"/espace/{giving.host.slug}"
    html = (
        browser_of(the_manager(giving.host)).get(f"{space}/{page.format(round=giving.slug)}").content.decode()
    )
    navigation = html[html.index("side-links") :]
    assert re.findall(r'href="([^"]+)" aria-current="page"', navigation)[0] == space + room
