from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test import Client

from abonde.core.clock import present_time
from abonde.core.models import Event
from abonde.matching.refusal import Refusals
from abonde.organisations.models import Kind
from abonde.people import personal_data
from abonde.people.actions import account_for, delete_account, edit_person, forget_unconfirmed_accounts
from abonde.people.models import Person, Session
from tests.factories import a_person, an_organisation, the_manager, unique, with_second_factor


def test_a_new_address_begins_one_account_however_it_is_written(database: None) -> None:
    name = unique("new")
    first = account_for(address=f"{name}@example.org")
    assert account_for(address=f" {name.upper()}@Example.org ") == first
    assert first.has_usable_password() is False


def test_two_tabs_begin_one_account(database: None) -> None:
    address = f"{unique('tabs')}@example.org"

    def begin(_number: int) -> object:
        try:
            return account_for(address=address).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as tabs:
        assert len(set(tabs.map(begin, range(4)))) == 1


def test_an_address_that_somebody_merely_claims_opens_nothing_of_theirs(database: None) -> None:
    claimer, address = a_person(), f"{unique('victim')}@example.org"
    EmailAddress.objects.create(user=claimer, email=address, verified=False)
    assert account_for(address=address) != claimer


def test_a_confirmed_address_wins_over_an_account_begun_earlier(database: None) -> None:
    address = f"{unique('late')}@example.org"
    begun = account_for(address=address)
    owner = a_person()
    EmailAddress.objects.create(user=owner, email=address, verified=True)
    assert account_for(address=address) == owner != begun


def test_accounts_that_nobody_confirmed_are_forgotten_after_a_day(database: None) -> None:
    young, old, known = (
        account_for(address=f"{unique('begun')}@example.org"),
        account_for(address=f"{unique('begun')}@example.org"),
        a_person(),
    )
    Person.objects.filter(pk__in=[old.pk, known.pk]).update(created_at=present_time() - timedelta(hours=25))
    assert forget_unconfirmed_accounts() >= 1
    left = set(Person.objects.filter(pk__in=[young.pk, old.pk, known.pk]))
    assert left == {young, known}


def test_editing_keeps_one_line_and_says_nothing_personal_in_the_log(database: None) -> None:
    person = edit_person(person=a_person(), name="  Zoé \n d’Arc ", language="en")
    assert (person.name, person.language) == ("Zoé d’Arc", "en")
    event = Event.objects.get(verb="edit_person", subject_id=str(person.pk))
    assert "Zo" not in json.dumps([event.before, event.after])


def test_a_deleted_account_is_empty_and_its_id_stays(database: None) -> None:
    person = with_second_factor(a_person())
    browser = Client()
    browser.force_login(person)
    assert Session.objects.filter(person=person).count() == 1
    delete_account(person=person)
    person.refresh_from_db()
    assert (person.email, person.name, person.is_active) == (None, "", False)
    for left in (
        EmailAddress.objects.filter(user=person),
        Authenticator.objects.filter(user=person),
        Session.objects.filter(person=person),
    ):
        assert not left.exists()
    delete_account(person=person)  # a double click does no harm
    assert Event.objects.filter(verb="delete_account", subject_id=str(person.pk)).count() == 1


def test_the_last_manager_cannot_delete_their_account(database: None) -> None:
    organisation = an_organisation(Kind.FUNDER)
    manager = the_manager(organisation)
    with pytest.raises(Refusals) as refused:
        delete_account(person=manager)
    assert "last manager" in str(refused.value)
    manager.refresh_from_db()
    assert manager.email


def test_the_export_is_json_and_speaks_of_this_person_only(database: None) -> None:
    person, other = with_second_factor(a_person()), a_person()
    exported = json.dumps(personal_data.export(person), cls=DjangoJSONEncoder)
    assert str(person.email) in exported
    assert str(other.email) not in exported
    assert {kept.key for kept in personal_data.sources} >= {
        "account",
        "ways_in",
        "memberships",
        "voices",
        "letters",
    }
    assert "secret" not in exported
