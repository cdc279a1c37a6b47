from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection

from abonde.core.clock import present_time
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.notifications.actions import deliver
from abonde.notifications.models import Letter
from abonde.organisations.actions import accept_invitation, invite, resend_invitation, revoke_invitation
from abonde.organisations.inviting import InvitationOver
from abonde.organisations.models import Invitation, Kind, Organisation, Role
from abonde.organisations.permissions import NotAllowed, RoleOfAnotherKind, role_of
from tests.factories import a_person, an_agent, an_organisation, the_manager, unique


def an_invitation(organisation: Organisation, role: Role = Role.READER) -> tuple[Invitation, str]:
    """The invitation, and the token that only its letter holds."""
    address = f"{unique('guest')}@example.org"
    invitation = invite(person=the_manager(organisation), organisation=organisation, email=address, role=role)
    return invitation, token_in_letter(address)


def token_in_letter(address: str) -> str:
    return str(Letter.objects.filter(kind="invitation", address=address).latest("created_at").values["token"])


def test_the_token_is_in_the_letter_and_only_its_hash_in_the_table(
    database: None, mailoutbox: list[EmailMessage]
) -> None:
    invitation, token = an_invitation(an_organisation(Kind.HOST))
    assert invitation.token_hash == hashlib.sha256(token.encode()).hexdigest()
    deliver(letter_id=Letter.objects.get(address=invitation.email).pk)
    assert f"/invitations/{token}/" in str(mailoutbox[-1].body)
    assert not Letter.objects.filter(address=invitation.email).exists()


def test_accepting_makes_an_agent_once_and_tells_who_invited(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    _invitation, token = an_invitation(organisation, Role.REVIEWER)
    guest = a_person()
    accept_invitation(person=guest, token=token)
    assert role_of(guest, organisation) == Role.REVIEWER
    assert Letter.objects.filter(kind="invitation_accepted", person=the_manager(organisation)).count() == 1
    with pytest.raises(InvitationOver):
        accept_invitation(person=a_person(), token=token)


def test_one_token_makes_one_agent_however_many_click_at_once(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    _invitation, token = an_invitation(organisation)
    guests = [a_person() for _ in range(4)]

    def accept(number: int) -> bool:
        try:
            accept_invitation(person=guests[number], token=token)
        except InvitationOver:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as clicks:
        assert sorted(clicks.map(accept, range(4))) == [False, False, False, True]
    assert sum(role_of(guest, organisation) is not None for guest in guests) == 1


def test_an_agent_accepts_no_second_role(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    _invitation, token = an_invitation(organisation)
    with pytest.raises(NotNow, match="already act"):
        accept_invitation(person=the_manager(organisation), token=token)


def test_an_invitation_ends_after_14_days(database: None) -> None:
    invitation, token = an_invitation(an_organisation(Kind.HOST))
    assert timedelta(days=13, hours=23) < invitation.expires_at - present_time() <= timedelta(days=14)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=present_time() - timedelta(seconds=1))
    with pytest.raises(InvitationOver, match="14 days"):
        accept_invitation(person=a_person(), token=token)


def test_withdrawn_and_sent_again(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    manager = the_manager(organisation)
    invitation, first = an_invitation(organisation)
    again = resend_invitation(person=manager, invitation=invitation)
    second = token_in_letter(invitation.email)
    with pytest.raises(InvitationOver):
        accept_invitation(person=a_person(), token=first)
    revoke_invitation(person=manager, invitation=again)
    with pytest.raises(InvitationOver):
        accept_invitation(person=a_person(), token=second)
    for action in (revoke_invitation, resend_invitation):
        with pytest.raises(InvitationOver):
            action(person=manager, invitation=again)


def test_who_invites_and_whom(database: None) -> None:
    organisation = an_organisation(Kind.FUNDER)
    for person in (
        an_agent(organisation, Role.READER),
        the_manager(an_organisation(Kind.FUNDER)),
        a_person(),
    ):
        with pytest.raises(NotAllowed):
            invite(person=person, organisation=organisation, email="a@example.org", role=Role.READER)
    manager = the_manager(organisation)
    with pytest.raises(RoleOfAnotherKind):
        invite(person=manager, organisation=organisation, email="a@example.org", role=Role.TREASURER)
    with pytest.raises(Refusal, match="no e-mail address"):
        invite(person=manager, organisation=organisation, email="nobody", role=Role.READER)
