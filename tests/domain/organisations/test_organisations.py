from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from abonde.core.editing import ChangedMeanwhile
from abonde.core.models import Event
from abonde.matching.refusal import Refusal
from abonde.notifications.models import Letter
from abonde.organisations import signing
from abonde.organisations.actions import (
    LastManager,
    change_role,
    create_organisation,
    edit_organisation,
    end_membership,
)
from abonde.organisations.models import Invitation, Kind, Membership, Organisation, Role, SigningKey
from abonde.organisations.permissions import NotAllowed, RoleOfAnotherKind, require_second_factor
from abonde.organisations.queries import agents_of
from abonde.people.models import Person
from tests.factories import a_person, an_agent, an_organisation, the_manager, unique, with_second_factor


def membership_of(person: Person, organisation: Organisation) -> Membership:
    return Membership.objects.get(person=person, organisation=organisation, ended_at=None)


def test_operators_make_the_first_host_and_invite_its_manager(
    database: None, mailoutbox: list[EmailMessage]
) -> None:
    slug, said = unique("fondation"), StringIO()
    call_command(
        "create_organisation", "Fondation de la vallée", slug=slug, manager="a@example.org", stdout=said
    )
    organisation = Organisation.objects.get(slug=slug)
    assert (organisation.kind, f"/espace/{slug}/" in said.getvalue()) == (Kind.HOST, True)
    invitation = Invitation.objects.get(organisation=organisation)
    assert (invitation.email, invitation.role, invitation.invited_by) == ("a@example.org", Role.MANAGER, None)
    with pytest.raises(CommandError, match="slug"):
        call_command("create_organisation", "Encore", slug=slug, manager="a@example.org")


def test_who_may_create_what(database: None) -> None:
    host = an_organisation(Kind.HOST)
    made = create_organisation(
        person=the_manager(host),
        kind=Kind.FUNDER,
        name="Les Amis",
        slug=unique("amis"),
        manager_email="b@x.org",
    )
    assert made.signing_keys.count() == 1
    for person, kind in (
        (the_manager(host), Kind.HOST),
        (an_agent(host, Role.READER), Kind.FUNDER),
        (the_manager(an_organisation(Kind.FUNDER)), Kind.FUNDER),
        (an_agent(host, Role.MANAGER, second_factor=False), Kind.FUNDER),
    ):
        with pytest.raises(NotAllowed):
            create_organisation(person=person, kind=kind, name="X", slug=unique("x"), manager_email="c@x.org")
    with pytest.raises(Refusal, match="first manager"):
        create_organisation(person=None, kind=Kind.HOST, name="X", slug=unique("x"))


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        ({"siren": "123456789"}, "SIREN"),
        ({"rna": "W12"}, "RNA"),
        ({"website": "javascript:alert(1)"}, "website"),
    ],
)
def test_details_that_cannot_be_are_refused(database: None, details: dict[str, str], sentence: str) -> None:
    organisation = an_organisation(Kind.HOST)
    with pytest.raises(Refusal, match=sentence):
        edit_organisation(person=the_manager(organisation), organisation=organisation, seen=1, **details)
    edited = edit_organisation(
        person=the_manager(organisation), organisation=organisation, seen=1, siren="732829320"
    )
    assert edited.siren == "732829320"


def test_two_managers_do_not_overwrite_each_other_in_silence(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    manager = the_manager(organisation)
    edit_organisation(person=manager, organisation=organisation, seen=1, legal_name="First")
    with pytest.raises(ChangedMeanwhile):
        edit_organisation(person=manager, organisation=organisation, seen=1, legal_name="Second")
    organisation.refresh_from_db()
    assert organisation.legal_name == "First"


def test_two_town_halls_of_one_name_have_each_an_address(database: None) -> None:
    name = unique("Mairie")
    first, second = (
        create_organisation(person=None, kind=Kind.CERTIFIER, name=name, manager_email="a@example.org")
        for _ in range(2)
    )
    assert second.slug.startswith(f"{first.slug}-")
    unlatin = create_organisation(person=None, kind=Kind.FUNDER, name="東京", manager_email="a@example.org")
    assert unlatin.slug.startswith("organisation")


def test_the_last_manager_stays(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    only = membership_of(the_manager(organisation), organisation)
    with pytest.raises(LastManager):
        end_membership(person=only.person, membership=only)
    with pytest.raises(LastManager):
        change_role(person=only.person, membership=only, role=Role.READER)
    an_agent(organisation, Role.MANAGER)
    end_membership(person=only.person, membership=only)
    assert agents_of(organisation).count() == 1


def test_postgresql_keeps_a_manager_whoever_writes(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    with pytest.raises(IntegrityError, match="without a manager"), transaction.atomic():
        Membership.objects.filter(organisation=organisation).update(role=Role.READER)
    with pytest.raises(IntegrityError, match="without a manager"), transaction.atomic():
        Membership.objects.filter(organisation=organisation).delete()


def test_two_managers_who_leave_at_once_leave_one_behind(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    an_agent(organisation, Role.MANAGER)

    def leave(membership: Membership) -> bool:
        try:
            end_membership(person=membership.person, membership=membership)
        except LastManager:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(leave, list(agents_of(organisation)))) == [False, True]
    assert agents_of(organisation).count() == 1


def test_only_managers_with_a_second_factor_change_others(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    reader = membership_of(an_agent(organisation, Role.READER), organisation)
    for person in (
        an_agent(organisation, Role.TREASURER),
        the_manager(an_organisation(Kind.HOST)),
        an_agent(organisation, Role.MANAGER, second_factor=False),
    ):
        with pytest.raises(NotAllowed):
            change_role(person=person, membership=reader, role=Role.MANAGER)
        with pytest.raises(NotAllowed):
            end_membership(person=person, membership=reader)
    with pytest.raises(RoleOfAnotherKind):
        change_role(person=the_manager(organisation), membership=reader, role=Role.REGISTRAR)
    changed = change_role(person=the_manager(organisation), membership=reader, role=Role.REVIEWER)
    event = Event.objects.get(verb="change_role", subject_id=str(changed.pk))
    assert (event.before, event.after) == ({"role": "reader"}, {"role": "reviewer"})
    end_membership(person=reader.person, membership=reader)  # anybody may leave
    with pytest.raises(Refusal, match="already left"):
        end_membership(person=reader.person, membership=reader)


def test_a_second_factor_is_asked_for_in_a_sentence(database: None) -> None:
    person = a_person()
    with pytest.raises(NotAllowed, match="second proof"):
        require_second_factor(person)
    require_second_factor(with_second_factor(person))


def test_an_organisation_signs_with_a_key_that_the_database_cannot_read(database: None) -> None:
    organisation = an_organisation(Kind.CERTIFIER)
    public_key, signature = signing.sign(organisation, b"the rules")
    assert public_key == signing.public_key_of(organisation)
    assert signing.verify(public_key, b"the rules", signature)
    assert not signing.verify(public_key, b"other rules", signature)
    kept = bytes(SigningKey.objects.get(organisation=organisation).sealed_private_key)
    assert kept.startswith(b"gAAAA")  # Fernet


def test_a_new_key_leaves_former_signatures_valid(database: None) -> None:
    organisation = an_organisation(Kind.HOST)
    former, signature = signing.sign(organisation, b"the rules")
    with pytest.raises(NotAllowed):
        signing.rotate_key(person=an_agent(organisation, Role.READER), organisation=organisation)
    signing.rotate_key(person=the_manager(organisation), organisation=organisation)
    assert signing.public_key_of(organisation) != former
    assert signing.verify(former, b"the rules", signature)
    assert SigningKey.objects.filter(organisation=organisation, retired_at=None).count() == 1


def test_a_letter_tells_who_invites(database: None) -> None:
    host = an_organisation(Kind.HOST)
    create_organisation(
        person=the_manager(host),
        kind=Kind.CERTIFIER,
        name="Ville",
        slug=unique("v"),
        manager_email="v@example.org",
    )
    letter = Letter.objects.filter(kind="invitation").latest("created_at")
    assert (letter.address, letter.values["organisation"]) == ("v@example.org", "Ville")
