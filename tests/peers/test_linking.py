"""One more provider for an account, on purpose; one less, with a warning where it was the last way in."""

from __future__ import annotations

import base64
import re
from typing import Final

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from abonde.core.models import Event
from abonde.identities.linked import LastWayIn, identities_of, is_last_way_in, unlink_identity
from abonde.identities.models import Attempt
from abonde.notifications.models import Letter
from abonde.people import personal_data
from abonde.people.models import Person
from tests.factories import a_person, unique
from tests.peers.test_discourse import signed
from tests.peers.visitor import Site, Visitor, parameters_of

pytestmark = pytest.mark.usefixtures("database")
LINK: Final = re.compile(r'href="([^"]+/lier/\?jeton=[^"]+)"')


def leave_to_link(visitor: Visitor) -> str:
    """Choose the provider on one's own page: the provider's address."""
    page = visitor.client.get(reverse("my-identities")).content.decode()
    paths = [path for path in LINK.findall(page) if f"/{visitor.site.row.slug}/" in path]
    return str(visitor.client.get(paths[0])["location"])


def link(visitor: Visitor, account: str) -> None:
    visitor.come_back(visitor.site.consent(leave_to_link(visitor), {"account": account}))


def log_in_at(forum: Site, member: str, visitor: Visitor) -> None:
    """What the forum answers about a member."""
    nonce = asked(visitor.begin())["nonce"]
    visitor.come_back(signed({"nonce": nonce, "external_id": member}))


def asked(address: str) -> dict[str, str]:
    return parameters_of("?" + base64.b64decode(parameters_of(address)["sso"]).decode())


def test_linked_on_purpose(keycloak: Site) -> None:
    visitor, person = keycloak.visitor(), a_person()
    visitor.log_in_as(person)
    link(visitor, "angela")
    assert visitor.led_to == reverse("my-identities")
    assert keycloak.row.label in visitor.page
    assert keycloak.visitor().log_in("angela").person == person
    assert Event.objects.filter(actor=person.actor, verb="link_identity").exists()
    kept = personal_data.export(person)["identities"]
    assert isinstance(kept, list)
    assert [one["provider"] for one in kept] == [keycloak.row.label]
    unlink_identity(person=person, identity=identities_of(person)[0])


def test_an_identity_that_opens_another_account_is_not_taken(forum: Site) -> None:
    member = unique("member")
    log_in_at(forum, member, forum.visitor())
    visitor = forum.visitor()
    person = visitor.log_in_as()
    nonce = asked(leave_to_link(visitor))["nonce"]
    visitor.come_back(signed({"nonce": nonce, "external_id": member}))
    assert "opens another account" in visitor.page
    assert visitor.person == person
    assert not identities_of(person).exists()


@pytest.mark.parametrize("query", ["", "?jeton=", "?jeton=guessed", "?jeton=é"])
def test_no_other_site_can_have_somebody_link(forum: Site, query: str) -> None:
    visitor = forum.visitor()
    visitor.log_in_as()
    visitor.client.get(reverse("my-identities"))
    answer = visitor.client.get(reverse("identity-link", args=[forum.row.slug]) + query)
    assert answer["location"] == reverse("my-identities")
    assert not Attempt.objects.filter(provider=forum.row).exists()


def test_the_way_back_of_another_account_links_nothing(forum: Site) -> None:
    """Who leaves to link and comes back as somebody else has linked nothing to either."""
    visitor = forum.visitor()
    first = visitor.log_in_as()
    nonce = asked(leave_to_link(visitor))["nonce"]
    second = a_person()
    session = visitor.client.session
    session["_auth_user_id"] = str(second.pk)
    session["_auth_user_hash"] = second.get_session_auth_hash()
    session.save()
    assert visitor.come_back(signed({"nonce": nonce, "external_id": unique("member")})).status == 403
    assert not identities_of(first).exists()
    assert not identities_of(second).exists()


def test_the_last_way_in_goes_only_knowingly(forum: Site) -> None:
    visitor = forum.visitor()
    log_in_at(forum, unique("member"), visitor)
    person = visitor.person
    assert person is not None
    identity = identities_of(person)[0]
    assert is_last_way_in(identity)
    with pytest.raises(LastWayIn):
        unlink_identity(person=person, identity=identity)
    address = reverse("identity-unlink", args=[forum.row.slug])
    assert "never get in again" in visitor.client.get(address).content.decode()
    assert visitor.client.post(address).status_code == 200
    assert identities_of(person).exists()
    assert visitor.client.post(address, {"knowingly": "on"})["location"] == reverse("my-identities")
    assert not identities_of(person).exists()


def test_unlinking_beside_an_address_needs_no_more_than_a_confirmation(forum: Site) -> None:
    visitor = forum.visitor()
    member = unique("member")
    log_in_at(forum, member, visitor)
    person = visitor.person
    assert person is not None
    EmailAddress.objects.create(
        user=person, email=f"{unique('late')}@example.org", verified=True, primary=True
    )
    address = reverse("identity-unlink", args=[forum.row.slug])
    assert "never get in again" not in visitor.client.get(address).content.decode()
    visitor.client.post(address)
    assert not identities_of(person).exists()
    other = forum.visitor()
    log_in_at(forum, member, other)
    assert other.person != person


def test_nobody_unlinks_what_is_not_theirs(forum: Site) -> None:
    owner, stranger = forum.visitor(), forum.visitor()
    log_in_at(forum, unique("member"), owner)
    stranger.log_in_as()
    assert stranger.client.post(reverse("identity-unlink", args=[forum.row.slug])).status_code == 404
    assert owner.person is not None
    assert identities_of(owner.person).exists()


def test_two_people_with_one_mailbox(keycloak: Site, franceconnect: Site) -> None:
    """Both providers tell the same address for two people, and an account by code has it too: three accounts."""
    mailbox = "one-mailbox@example.org"
    Person.objects.filter(emailaddress__email=mailbox).delete()
    by_code = a_person(email=mailbox)
    others = [franceconnect.visitor().log_in("jean").person, keycloak.visitor().log_in("angela").person]
    assert None not in others
    assert len({by_code, *others}) == 3
    EmailAddress.objects.filter(email=mailbox).delete()


PAGES: Final = (
    "home",
    "my-account",
    "my-data",
    "my-voice",
    "my-gifts",
    "my-projects",
    "my-identities",
    "account_email",
    "mfa_index",
    "my-account-deletion",
    "workspaces",
)


@pytest.mark.parametrize("page", PAGES)
def test_an_account_without_an_address_works_everywhere(forum: Site, page: str) -> None:
    visitor = forum.visitor()
    log_in_at(forum, unique("member"), visitor)
    assert visitor.person is not None
    assert visitor.person.email is None
    assert visitor.client.get(reverse(page), follow=True).status_code == 200


def test_an_account_without_an_address_gets_one(forum: Site) -> None:
    """The first address that it confirms is the one that we write to."""
    visitor = forum.visitor()
    log_in_at(forum, unique("member"), visitor)
    address = f"{unique('first')}@example.org"
    visitor.client.post(reverse("account_email"), {"action_add": "1", "email": address})
    code = sent_code()
    visitor.client.post(reverse("account_email_verification_sent"), {"code": code})
    person = visitor.person
    assert person is not None
    assert EmailAddress.objects.get(user=person, email=address).verified
    assert person.email == address


def sent_code() -> str:
    letter = Letter.objects.filter(kind="address_code").order_by("-created_at")[0]
    return str(letter.values["code"])
