"""The register of a community: one account at a trusted provider is one voice, and so are all that one person has joined."""

from __future__ import annotations

import itertools

import pytest

from abonde.core.models import Event
from abonde.identities.accounts import account_behind, link_identity
from abonde.identities.linked import unlink_identity
from abonde.identities.models import Identity, Kind, Provider
from abonde.identities.proof import Proof
from abonde.identities.providers import add_provider
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind as KindOfOrganisation
from abonde.organisations.models import Organisation
from abonde.people.actions import delete_account
from abonde.people.models import Person
from abonde.register.actions import (
    EntryTaken,
    claim_if_possible,
    claim_own_voice,
    open_register,
    revoke_certificate,
)
from abonde.register.community import may_claim, trustable_issuers
from abonde.register.models import Alias, Certificate, Register, Strategy
from abonde.register.queries import has_voice, number_of_voices
from abonde.register.strategies import NoVoice
from tests.factories import a_person, an_organisation, the_manager, unique

pytestmark = pytest.mark.usefixtures("database")
NUMBER_OF_ISSUERS = 3


def an_issuer(owner: Organisation, kind: Kind = Kind.KEYCLOAK, issuer: str = "") -> Provider:
    return add_provider(
        person=None,
        organisation=owner,
        kind=kind,
        label=unique("Forum"),
        issuer=issuer or f"https://{unique('login')}.example.org",
        client_id="" if kind == Kind.DISCOURSE else "abonde",
    )


@pytest.fixture
def host() -> Organisation:
    return an_organisation(KindOfOrganisation.HOST)


@pytest.fixture
def issuers(host: Organisation) -> list[Provider]:
    kinds = [Kind.KEYCLOAK, Kind.OPENID, Kind.DISCOURSE]
    return [an_issuer(host, kind) for kind in kinds]


@pytest.fixture
def register(host: Organisation, issuers: list[Provider]) -> Register:
    return a_community(host, issuers)


def a_community(host: Organisation, issuers: list[Provider]) -> Register:
    return open_register(
        person=the_manager(host),
        organisation=host,
        strategy=Strategy.COMMUNITY,
        name="Members",
        issuers=issuers,
    )


def comes_by(provider: Provider, subject: str = "camille") -> Person:
    """The account that opens for somebody who logs in by the provider."""
    return account_behind(proof=Proof(provider=provider, subject=subject, next="", linking=None))


def links(person: Person, provider: Provider, subject: str = "camille") -> Identity:
    return link_identity(
        person=person, proof=Proof(provider=provider, subject=subject, next="", linking=person)
    )


PAIRS = list(itertools.product(range(NUMBER_OF_ISSUERS), repeat=2))
JOINED = list(itertools.permutations(range(NUMBER_OF_ISSUERS), 2))


def test_an_account_at_a_trusted_provider_is_one_voice(register: Register, issuers: list[Provider]) -> None:
    person = comes_by(issuers[0])
    assert may_claim(person) == {register.pk}
    first = claim_own_voice(person, register)
    assert claim_own_voice(person, register) == first
    assert first.method == "community"
    other = comes_by(issuers[0], "dominique")
    claim_own_voice(other, register)
    assert number_of_voices(register) == len({person, other})


def test_an_address_alone_is_none_and_is_told_where_to_go(
    register: Register, issuers: list[Provider]
) -> None:
    with pytest.raises(NoVoice, match="My log-in providers") as told:
        claim_own_voice(a_person(), register)
    assert all(one.label in str(told.value) for one in issuers)


def test_another_provider_of_the_same_host_gives_no_voice(host: Organisation, register: Register) -> None:
    person = comes_by(an_issuer(host))
    assert may_claim(person) == set()
    assert not claim_if_possible(person, register)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_who_deletes_the_account_and_comes_back_has_no_second_voice(
    register: Register, issuers: list[Provider], one: int, other: int
) -> None:
    first = comes_by(issuers[one])
    claim_own_voice(first, register)
    if other != one:
        links(first, issuers[other])
    delete_account(person=first)
    with pytest.raises(EntryTaken):
        claim_own_voice(comes_by(issuers[other]), register)
    assert number_of_voices(register) == 1


@pytest.mark.parametrize(("one", "other"), JOINED)
@pytest.mark.parametrize("linked_first", [True, False])
def test_identities_that_one_account_has_joined_stay_one_voice(
    register: Register, issuers: list[Provider], one: int, other: int, linked_first: bool
) -> None:
    person = comes_by(issuers[one])
    if not linked_first:
        claim_own_voice(person, register)
    linked = links(person, issuers[other])
    if linked_first:
        claim_own_voice(person, register)
    unlink_identity(person=person, identity=linked)
    with pytest.raises(EntryTaken):
        claim_own_voice(comes_by(issuers[other]), register)
    assert has_voice(person, register)
    assert number_of_voices(register) == 1


@pytest.mark.parametrize(("one", "other"), JOINED)
@pytest.mark.parametrize("deleted", [True, False])
def test_two_voices_that_turn_out_to_be_one_persons_become_one(
    register: Register, issuers: list[Provider], one: int, other: int, deleted: bool
) -> None:
    kept, left = comes_by(issuers[one]), comes_by(issuers[other])
    claim_own_voice(kept, register)
    double = claim_own_voice(left, register)
    if deleted:
        delete_account(person=left)
    else:
        unlink_identity(person=left, identity=Identity.objects.get(person=left), knowingly=True)
    links(kept, issuers[other])
    double.refresh_from_db()
    assert double.revoked_at is not None
    assert "one person, one voice" in double.reason
    assert Event.objects.filter(verb="revoke_certificate", subject_id=str(double.pk), actor=None).exists()
    assert has_voice(kept, register)
    assert number_of_voices(register) == 1


def test_whose_other_account_has_the_voice_cannot_claim_a_second(
    register: Register, issuers: list[Provider]
) -> None:
    former = comes_by(issuers[0])
    claim_own_voice(former, register)
    delete_account(person=former)
    person = comes_by(issuers[1])
    links(person, issuers[0])
    with pytest.raises(EntryTaken):
        claim_own_voice(person, register)
    assert number_of_voices(register) == 1


def test_an_identity_that_is_trusted_elsewhere_only_is_joined_too(
    host: Organisation, issuers: list[Provider]
) -> None:
    """A provider that another register trusts later must not make a second voice in this one."""
    register = a_community(host, issuers[:1])
    person = comes_by(issuers[0])
    claim_own_voice(person, register)
    links(person, issuers[1])
    assert Alias.objects.filter(register=register).count() == 1
    assert Certificate.objects.filter(register=register).count() == 1


def test_who_belongs_is_said_by_providers_of_the_owner(host: Organisation, issuers: list[Provider]) -> None:
    franceconnect = add_provider(
        person=None,
        organisation=host,
        kind=Kind.FRANCECONNECT,
        label="FranceConnect",
        issuer="https://fcp-low.sbx.dev-franceconnect.fr/api/v2",
        client_id="abonde",
    )
    foreign = an_issuer(an_organisation(KindOfOrganisation.HOST))
    twin = an_issuer(host, issuer=issuers[0].issuer)
    assert franceconnect not in trustable_issuers(host)
    for wrong, sentence in (
        ([], "at least one"),
        ([franceconnect], "cannot say who belongs"),
        ([foreign], "cannot say who belongs"),
        ([issuers[0], twin], "at the same address"),
    ):
        with pytest.raises(Refusal, match=sentence):
            a_community(host, wrong)
    with pytest.raises(Refusal, match="Only the register of a community"):
        open_register(
            person=the_manager(host),
            organisation=host,
            strategy=Strategy.OPEN,
            name="Everyone",
            issuers=issuers,
        )


def test_who_has_lost_a_voice_gets_none_by_an_identity_that_they_link_and_unlink(
    host: Organisation, register: Register, issuers: list[Provider]
) -> None:
    person = comes_by(issuers[0])
    revoke_certificate(
        person=the_manager(host), certificate=claim_own_voice(person, register), reason="No member any more"
    )
    unlink_identity(person=person, identity=links(person, issuers[1]))
    with pytest.raises(EntryTaken):
        claim_own_voice(comes_by(issuers[1]), register)
    assert number_of_voices(register) == 0
