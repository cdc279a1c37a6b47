"""A provider's roles and groups become roles in its organisation, and stop being so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import pytest
from django.db.models import F
from django.urls import reverse

from abonde.core.models import Event
from abonde.identities.linked import identities_of, unlink_identity
from abonde.identities.models import RoleGrant, RoleRule
from abonde.identities.proof import Proof
from abonde.identities.providers import switch_provider
from abonde.identities.roles import apply_roles, end_unconfirmed_roles
from abonde.organisations.actions import change_role
from abonde.organisations.models import Kind, Membership, Role
from abonde.organisations.permissions import role_of
from abonde.people.models import Person
from tests.factories import a_person, an_agent, an_organisation, the_manager, unique, with_second_factor
from tests.peers.test_discourse import signed
from tests.peers.test_linking import asked
from tests.peers.visitor import Site, Visitor

pytestmark = pytest.mark.usefixtures("database")
RULES: Final = {"jury": Role.REVIEWER, "compta": Role.TREASURER, "amis": Role.READER}


@pytest.fixture
def network(forum: Site) -> Site:
    """A forum whose groups give roles."""
    set_rules(forum, RULES)
    return forum


def set_rules(site: Site, rules: Mapping[str, Role]) -> None:
    RoleRule.objects.filter(provider=site.row).delete()
    for named, role in rules.items():
        RoleRule.objects.create(provider=site.row, named=named, role=role)


def log_in(site: Site, member: str, groups: str) -> Visitor:
    visitor = site.visitor()
    nonce = asked(visitor.begin())["nonce"]
    return visitor.come_back(signed({"nonce": nonce, "external_id": member, "groups": groups}))


def logged_in(site: Site, member: str, groups: str) -> Person:
    person = log_in(site, member, groups).person
    assert person is not None
    return person


def proof(site: Site, *roles: str) -> Proof:
    return Proof(provider=site.row, subject="unread", next="", linking=None, roles=roles)


def test_a_role_of_the_realm_becomes_one_here(keycloak: Site) -> None:
    set_rules(keycloak, {"guichet": Role.READER})
    person = keycloak.visitor().log_in("angela").person
    assert person is not None
    assert role_of(person, keycloak.row.organisation) == Role.READER
    stranger = keycloak.visitor().log_in("jean").person
    assert stranger is not None
    assert role_of(stranger, keycloak.row.organisation) is None
    set_rules(keycloak, {})


def test_given_changed_and_taken_away_at_the_provider(network: Site) -> None:
    member, organisation = unique("member"), network.row.organisation
    person = logged_in(network, member, "jury,others")
    assert role_of(person, organisation) == Role.REVIEWER
    assert logged_in(network, member, "jury,compta") == person
    assert role_of(person, organisation) == Role.TREASURER
    assert logged_in(network, member, "others") == person
    assert role_of(person, organisation) is None
    assert not RoleGrant.objects.filter(membership__person=person).exists()
    verbs = Event.objects.filter(actor=f"provider:{network.row.pk}", tenant=organisation.reference)
    assert list(verbs.order_by("pk").values_list("verb", flat=True)) == [
        "grant_role_by_provider",
        "change_role_by_provider",
        "end_role_by_provider",
    ]


def test_nothing_without_a_rule(network: Site) -> None:
    person = logged_in(network, unique("member"), "manager,admins,trust_level_4")
    assert role_of(person, network.row.organisation) is None


def test_a_role_ends_in_its_own_organisation_only(network: Site) -> None:
    member = unique("member")
    person = logged_in(network, member, "jury")
    elsewhere = an_organisation()
    Membership.objects.create(person=person, organisation=elsewhere, role=Role.READER)
    logged_in(network, member, "")
    assert role_of(person, elsewhere) == Role.READER


def test_the_second_factor_stays_obligatory(network: Site) -> None:
    member = unique("member")
    visitor = log_in(network, member, "jury")
    page = reverse("workspace", args=[network.row.organisation.slug])
    assert visitor.client.get(page)["location"] == reverse("mfa_index")
    assert visitor.person is not None
    with_second_factor(visitor.person)
    again = log_in(network, member, "jury")
    assert again.led_to == reverse("mfa_authenticate")
    assert not again.logged_in


def test_what_people_gave_is_left_alone(network: Site) -> None:
    """An invited agent, and one whose role a manager has changed since, are no longer the provider's business."""
    organisation = network.row.organisation
    invited = an_agent(organisation, Role.READER)
    apply_roles(person=invited, proof=proof(network, "compta"))
    assert role_of(invited, organisation) == Role.READER
    apply_roles(person=invited, proof=proof(network))
    assert role_of(invited, organisation) == Role.READER

    promoted = a_person()
    given = apply_roles(person=promoted, proof=proof(network, "jury"))
    assert given is not None
    change_role(person=the_manager(organisation), membership=given, role=Role.TREASURER)
    apply_roles(person=promoted, proof=proof(network))
    assert role_of(promoted, organisation) == Role.TREASURER


def test_ends_with_the_link_with_the_switch_and_with_time(network: Site) -> None:
    organisation = network.row.organisation
    unlinked = logged_in(network, unique("member"), "jury")
    unlink_identity(person=unlinked, identity=identities_of(unlinked)[0], knowingly=True)
    assert role_of(unlinked, organisation) is None

    forgotten, fresh = (logged_in(network, unique("member"), "jury") for _ in range(2))
    of_forgotten = RoleGrant.objects.filter(membership__person=forgotten)
    of_forgotten.update(confirmed_at=F("confirmed_at") - timedelta(days=15))
    assert end_unconfirmed_roles() == 1
    assert role_of(forgotten, organisation) is None
    assert role_of(fresh, organisation) == Role.REVIEWER

    switch_provider(person=the_manager(organisation), provider=network.row, on=False)
    assert role_of(fresh, organisation) is None


def test_a_certifiers_provider_names_registrars(forum: Site) -> None:
    forum.row.organisation = an_organisation(Kind.CERTIFIER)
    forum.row.save()
    set_rules(forum, {"guichet": Role.REGISTRAR})
    person = logged_in(forum, unique("member"), "guichet")
    assert role_of(person, forum.row.organisation) == Role.REGISTRAR
