"""Who has a voice, chosen by the host and said wherever it matters; that an address is a weak proof most of all."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.translation import gettext, override

from abonde.funds.opening import lacking
from abonde.identities.accounts import link_identity
from abonde.identities.models import Kind, Provider
from abonde.identities.proof import Proof
from abonde.identities.providers import add_provider
from abonde.organisations.models import Kind as KindOfOrganisation
from abonde.organisations.models import Organisation, Role
from abonde.people.models import Person
from abonde.register.actions import claim_own_voice, open_register
from abonde.register.models import Register, Strategy
from abonde.register.queries import has_voice
from abonde.rounds.models import Round
from abonde.rounds.queries import signers_of
from abonde.rounds.readiness import next_steps
from abonde.rounds.rules_text import contents, readable, rules_text
from abonde.rounds.states import State
from abonde.rounds.wording import WEAK
from abonde.settlement import results_text
from abonde.settlement.actions import compute_result
from abonde.settlement.queries import latest
from tests.factories import (
    a_person,
    a_project,
    a_register,
    a_round,
    a_settled_gift,
    an_agent,
    an_organisation,
    the_code_of,
    the_manager,
    unique,
)

pytestmark = pytest.mark.usefixtures("database")
SHOWN = "nobody checks who is behind it"
SENTENCE = "In this round a voice goes with an e-mail address: nobody checks who is behind it, and one person can have several."
FLAGS = {Strategy.CERTIFIED: False, Strategy.COMMUNITY: False, Strategy.OPEN: True}
FOUND = 200


def an_issuer(host: Organisation) -> Provider:
    return add_provider(
        person=None,
        organisation=host,
        kind=Kind.OPENID,
        label=unique("Forum"),
        issuer=f"https://{unique('forum')}.example.org",
        client_id="abonde",
    )


def a_register_of(host: Organisation, strategy: Strategy) -> Register:
    return open_register(
        person=the_manager(host),
        organisation=host,
        strategy=strategy,
        name="Those who count",
        issuers=[an_issuer(host)] if strategy == Strategy.COMMUNITY else [],
    )


def visitor(person: Person | None = None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if person is not None:
        client.force_login(person, settings.AUTHENTICATION_BACKENDS[0])
    return client


def page(address: str, person: Person | None = None) -> str:
    response = visitor(person).get(address)
    assert response.status_code == FOUND
    return str(response.content.decode())


@pytest.fixture
def host() -> Organisation:
    return an_organisation(KindOfOrganisation.HOST)


@pytest.mark.parametrize(("strategy", "weak"), FLAGS.items())
def test_a_weak_proof_is_said_wherever_voices_matter(
    host: Organisation, strategy: Strategy, weak: bool
) -> None:
    register = a_register_of(host, strategy)
    round_ = a_round(state=State.GIVING, host=host, register=register)
    project = a_project(round_)
    a_settled_gift(project, 2_000, voice=False)
    assert (SHOWN in page(reverse("round", args=[round_.slug]))) is weak
    with override("en"):
        assert (str(WEAK) in readable(round_, language="en")) is weak
    assert contents(round_)["register"]["strategy"] == strategy
    client = visitor()
    client.post(reverse("basket-put", args=[round_.slug, project.slug]), {"amount": "10"})
    filled = client.get(reverse("basket", args=[round_.slug])).content.decode()
    assert ("an e-mail address is enough" in filled) is weak
    Round.objects.filter(pk=round_.pk).update(state=State.CLOSED)
    round_.refresh_from_db()
    compute_result(round=round_, reason="Giving has ended.")
    Round.objects.filter(pk=round_.pk).update(state=State.PROVISIONAL)
    assert (SHOWN in page(reverse("results", args=[round_.slug]))) is weak
    explained = page(reverse("result-explanation", args=[round_.slug, project.slug]))
    assert (SHOWN in explained) is weak
    funder = signers_of(round_)[-1]
    statement = page(reverse("funder-statement", args=[funder.slug, round_.slug]), the_manager(funder))
    assert (SHOWN in statement) is weak
    told = json.loads(page(reverse("results-json", args=[round_.slug])))
    assert told["voices_are"] == strategy
    assert told["voices_are_weak"] is weak
    for kind in ("csv", "json"):
        saved = visitor().get(reverse(f"results-{kind}", args=[round_.slug]))["Content-Disposition"]
        assert ("-weak-voices." in saved) is weak
    table = page(reverse("funder-statement-csv", args=[funder.slug, round_.slug]), the_manager(funder))
    assert {line["voices_are_weak"] for line in csv.DictReader(io.StringIO(table))} == {json.dumps(weak)}
    computation = latest(round_)
    assert computation is not None
    with override("fr"):
        in_french = gettext(SENTENCE)
    assert (in_french in results_text.readable(computation)) is weak


def test_who_has_an_open_voice_reads_how_weak_it_is(host: Organisation) -> None:
    round_ = a_round(state=State.GIVING, host=host, register=a_register_of(host, Strategy.OPEN))
    person = a_person()
    assert round_.register is not None
    client, project = visitor(person), a_project(round_)
    client.post("/ma-voix/", {"register": str(round_.register.pk)})
    client.post(reverse("basket-put", args=[round_.slug, project.slug]), {"amount": "10"})
    shown = page(reverse("basket", args=[round_.slug]), person)
    assert "Your voice counts" in shown
    assert SHOWN in shown


def test_the_host_chooses_a_community_and_the_rules_name_whom_it_trusts(host: Organisation) -> None:
    issuer, round_ = an_issuer(host), a_round(state=State.DRAFT, host=host, register=None)
    address = f"/espace/{host.slug}/campagnes/{round_.slug}/registre/"
    manager = the_manager(host)
    asked = page(address, manager)
    assert issuer.label in asked
    assert "Weak: one person can have several addresses" in asked
    fields = {
        "open": "1",
        "new-name": "Members",
        "new-version": str(round_.version),
        "new-strategy": "community",
    }
    refused = visitor(manager).post(address, fields).content.decode()
    assert "at least one log-in provider" in refused
    assert 'value="Members"' in refused
    visitor(manager).post(address, {**fields, "new-issuers": str(issuer.pk)})
    round_.refresh_from_db()
    assert round_.register is not None
    assert list(round_.register.issuers.all()) == [issuer]
    assert issuer.label in rules_text(round_).text
    assert contents(round_)["register"]["issuers"] == [{"name": issuer.label, "issuer": issuer.issuer}]
    (step,) = (one for one in next_steps(round_) if one.key == "register")
    assert step.done
    Provider.objects.filter(pk=issuer.pk).update(enabled=False)
    (step,) = (one for one in next_steps(round_) if one.key == "register")
    assert "switch one on" in str(step.lacking[0])


def test_without_a_provider_the_host_is_told_how_to_have_a_community(host: Organisation) -> None:
    round_ = a_round(state=State.DRAFT, host=host, register=None)
    asked = page(f"/espace/{host.slug}/campagnes/{round_.slug}/registre/", the_manager(host))
    assert reverse("workspace-providers", args=[host.slug]) in asked
    assert 'value="community"' not in asked


def test_another_host_cannot_be_trusted_by_a_forged_form(host: Organisation) -> None:
    foreign = an_issuer(an_organisation(KindOfOrganisation.HOST))
    an_issuer(host)
    round_ = a_round(state=State.DRAFT, host=host, register=None)
    fields = {
        "open": "1",
        "new-name": "Members",
        "new-version": str(round_.version),
        "new-strategy": "community",
    }
    visitor(the_manager(host)).post(
        f"/espace/{host.slug}/campagnes/{round_.slug}/registre/", {**fields, "new-issuers": str(foreign.pk)}
    )
    assert not Register.objects.filter(issuers=foreign).exists()


def test_a_member_is_led_to_the_provider_and_has_the_voice_once_it_is_linked(host: Organisation) -> None:
    register = a_register_of(host, Strategy.COMMUNITY)
    a_round(state=State.GIVING, host=host, register=register)
    person, (issuer,) = a_person(), register.issuers.all()
    shown = page("/ma-voix/", person)
    assert f"Link {issuer.label}" in shown
    link_identity(person=person, proof=Proof(provider=issuer, subject="camille", next="", linking=person))
    assert f"Link {issuer.label}" not in page("/ma-voix/", person)
    visitor(person).post("/ma-voix/", {"register": str(register.pk)})
    assert has_voice(person, register)


@override_settings(OPEN_REGISTER_LARGEST_FUND=5_000)
@pytest.mark.parametrize(
    ("strategy", "fund", "refused"),
    [
        (Strategy.OPEN, 500_000, False),
        (Strategy.OPEN, 500_001, True),
        (Strategy.CERTIFIED, 500_001, False),
    ],
)
def test_real_money_asks_for_a_better_proof(strategy: Strategy, fund: int, refused: bool) -> None:
    round_ = a_round(state=State.APPLICATIONS, fund=fund, register=a_register(strategy=strategy))
    assert bool(lacking(round_)) is refused
    if refused:
        assert "which is weak" in str(lacking(round_)[0])


@override_settings(OPEN_REGISTER_LARGEST_FUND=0)
def test_where_money_is_played_an_open_register_is_enough() -> None:
    assert not lacking(a_round(state=State.APPLICATIONS, fund=10_000_000))


@pytest.mark.parametrize(
    ("strategy", "entered"),
    [(Strategy.COMMUNITY, "with an account at Forum"), (Strategy.OPEN, "with a verified")],
)
def test_the_host_reads_its_register_and_takes_a_voice_back(
    host: Organisation, strategy: Strategy, entered: str
) -> None:
    register = a_register_of(host, strategy)
    round_ = a_round(state=State.GIVING, host=host, register=register)
    manager, holder = the_manager(host), a_person()
    for issuer in register.issuers.all():
        link_identity(person=holder, proof=Proof(provider=issuer, subject="camille", next="", linking=holder))
    granted = claim_own_voice(holder, register)
    address = reverse("register", args=[host.slug, register.pk])
    assert address in page(f"/espace/{host.slug}/campagnes/{round_.slug}/", manager)
    assert address in page(reverse("registers", args=[host.slug]), manager)
    shown = page(address, manager)
    assert entered in shown
    voices = reverse("voices", args=[host.slug, register.pk])
    assert voices in shown
    listed = page(voices, manager)
    assert granted.reference in listed
    assert str(holder) not in listed
    revoke = reverse("voice-revoke", args=[host.slug, register.pk, granted.pk])
    client = visitor(manager)
    client.post(revoke, {"reason": "Two accounts of one member", "code": the_code_of(manager)})
    assert not has_voice(holder, register)
    assert "Two accounts of one member" in page("/ma-voix/", holder)


def test_who_only_reads_for_the_host_takes_no_voice_back(host: Organisation) -> None:
    register = a_register_of(host, Strategy.OPEN)
    a_round(state=State.GIVING, host=host, register=register)
    holder = a_person()
    granted = claim_own_voice(holder, register)
    for role in (Role.READER, Role.REVIEWER, Role.TREASURER):
        client = visitor(an_agent(host, role))
        revoke = reverse("voice-revoke", args=[host.slug, register.pk, granted.pk])
        assert client.post(revoke, {"reason": "No"}).status_code == 403
    assert has_voice(holder, register)
