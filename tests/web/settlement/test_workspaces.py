"""The host's way to the final result, the others' signatures, the funder's statement; and who may see what."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from abonde.organisations.models import Kind, Organisation, Role
from abonde.rounds.models import Signature
from abonde.rounds.states import State
from abonde.settlement import queries, tasks
from abonde.settlement.actions import ask_signatures, compute_result, decide_objection, raise_objection
from abonde.settlement.models import Computation, Objection, Ruling
from abonde.settlement.queries import latest
from tests.domain.settlement.world import World, a_person, an_agent, an_organisation

Browser = Callable[..., Client]
ENGLISH = {"accept-language": "en"}
QUERIES = 10
"""What the list of objections asks, however many rows it shows."""
BAR = {"HX-Request": "true", "HX-Target": "underway"}
"""How a bar of progress asks for itself."""


def space(world: World, rest: str, organisation: Organisation | None = None) -> str:
    return f"/espace/{(organisation or world.host).slug}/campagnes/{world.round.slug}/{rest}"


def test_the_whole_way_by_its_pages(world: World, as_person: Browser) -> None:
    host = as_person(world.manager)
    computing = space(world, "resultats/calculer/")
    asked = host.get(computing, headers=ENGLISH).content.decode()
    assert "The settled gifts are counted under the rules" in asked
    assert host.post(computing, {"reason": "Premier calcul"}).status_code == 302
    assert host.post(computing, {"reason": "Deux clics"}).status_code == 302
    assert Computation.objects.filter(round=world.round).count() == 1
    raise_objection(person=a_person(), round=world.round, text="Le stand comptait double.")
    objection = Objection.objects.get(computation__round=world.round)
    assert "Le stand" in host.get(space(world, "objections/")).content.decode()
    answering = space(world, f"objections/{objection.pk}/")
    assert host.post(answering, {"ruling": "upheld", "answer": ""}).status_code == 200
    assert host.post(answering, {"ruling": "dismissed", "answer": "Vérifié."}).status_code == 302
    world.end_objections()
    assert host.get(space(world, "resultats/signatures/")).status_code == 200
    assert host.post(space(world, "resultats/signatures/")).status_code == 302
    for organisation in (world.host, world.certifier, *world.funders.values()):
        _sign(world, organisation, as_person(world.agents[organisation.pk]))
    assert host.get(space(world, "resultats/final/")).status_code == 200
    assert host.post(space(world, "resultats/final/")).status_code == 302
    assert host.post(space(world, "resultats/final/")).status_code == 302
    world.round.refresh_from_db()
    assert world.round.state == State.FINAL
    page = host.get(space(world, "resultats/"), headers=ENGLISH).content.decode()
    assert "The money of the pots stands on the accounts of the projects." in page


def test_objections_are_a_list_with_those_that_wait_first(
    world: World,
    provisional: Computation,
    as_person: Browser,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    project = next(iter(world.projects.values()))
    answered = raise_objection(person=a_person(), round=world.round, text="Le stand comptait double.")
    decide_objection(person=world.manager, objection=answered, upheld=False, answer="=Vérifié.")
    raise_objection(person=a_person(), round=world.round, text="Mon don manque. " * 20, project=project)
    raise_objection(person=a_person(), round=world.round, text="La formule me déplaît.")
    host, room = as_person(world.manager), space(world, "objections/")

    def texts(**asked: str) -> list[str]:
        page = host.get(room, asked).content.decode()
        return [text[:9] for text in re.findall(r'role="rowheader"[^>]*><a [^>]*><bdi>([^<]*)', page)]

    assert texts() == ["Mon don m", "La formul", "Le stand "]
    assert texts(tri="-raised") == ["La formul", "Mon don m", "Le stand "]
    assert texts(state="dismissed") == texts(q="STAND") == ["Le stand "]
    assert texts(q=project.name) == ["Mon don m"]
    assert len(texts(state="nonsense", q="x" * 300)) == 3
    assert "Nothing like this" in host.get(room, {"q": "nowhere"}, headers=ENGLISH).content.decode()
    file = host.get(room, {"fichier": "tout", "tri": "-state"}).content.decode()
    head, first, *_others = list(csv.reader(io.StringIO(file)))
    assert head == ["objection", "project", "raised", "state", "answer"]
    assert (first[0], first[3], first[4]) == ("Le stand comptait double.", "dismissed", "'=Vérifié.")
    with django_assert_max_num_queries(QUERIES):
        host.get(room)


def _sign(world: World, organisation: Organisation, browser: Client) -> None:
    address = space(world, "resultats/signer/", organisation)
    assert "Sign for" in browser.get(address, headers=ENGLISH).content.decode()
    computation = latest(world.round)
    assert computation is not None
    text = queries.results_text_of(computation)
    assert text is not None
    assert browser.post(address, {"sha256": "0" * 64}).status_code == 200
    assert not Signature.objects.filter(signed_text=text, organisation=organisation).exists()
    assert browser.post(address, {"sha256": text.sha256}).status_code == 302
    assert Signature.objects.filter(signed_text=text, organisation=organisation).exists()
    assert "Sign for" not in browser.get(address, headers=ENGLISH).content.decode()


def test_late_payments_ask_for_a_decision(world: World, as_person: Browser) -> None:
    world.pay_late("person 1", 500)
    host, computing = as_person(world.manager), space(world, "resultats/calculer/")
    refused = host.post(computing, {"reason": "Sans attendre"}, headers=ENGLISH)
    assert refused.status_code == 200
    assert "Sans attendre" in refused.content.decode()
    assert latest(world.round) is None
    assert host.post(computing, {"reason": "Sans attendre", "without_late": "on"}).status_code == 302
    assert latest(world.round) is not None


def test_a_refusal_of_the_action_stands_in_the_form(
    world: World, provisional: Computation, as_person: Browser
) -> None:
    objection = raise_objection(person=a_person(), round=world.round, text="Non")
    decide_objection(person=world.manager, objection=objection, upheld=True, answer="Oui.")
    page = as_person(world.manager).post(
        space(world, f"objections/{objection.pk}/"),
        {"ruling": "dismissed", "answer": "Non."},
        headers=ENGLISH,
    )
    assert page.status_code == 200
    assert "already been answered" in page.content.decode()
    objection.refresh_from_db()
    assert objection.state == Ruling.UPHELD


def test_a_large_round_is_computed_by_a_job_with_a_page_that_waits(
    world: World, as_person: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_AT_ONCE", 3)
    host = as_person(world.manager)
    for _ in range(2):
        done = host.post(space(world, "resultats/calculer/"), {"reason": "Premier calcul"})
        assert done["Location"] == space(world, "resultats/calcul/")
    jobs = ProcrastinateJob.objects.filter(task_name=tasks.compute.name, args__round_id=world.round.pk)
    assert jobs.count() == 1
    waiting = space(world, "resultats/calcul/")
    assert b'http-equiv="refresh"' in host.get(waiting).content
    reader = as_person(an_agent(world.host, Role.READER))
    page = reader.get(waiting, headers=ENGLISH).content.decode()
    assert "about to begin" in page
    assert space(world, "resultats/calculer/") not in page
    assert reader.get(waiting, headers=BAR).content.decode().startswith('<div class="progress" id="underway"')
    assert latest(world.round) is None
    _work()
    assert host.get(waiting, headers=BAR)["HX-Refresh"] == "true"
    assert latest(world.round) is not None
    assert host.get(waiting)["Location"] == space(world, "resultats/")


def test_a_job_that_is_refused_says_so_and_changes_nothing(
    world: World, as_person: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_AT_ONCE", 3)
    host = as_person(world.manager)
    host.post(space(world, "resultats/calculer/"), {"reason": "Premier calcul"})
    world.pay_late("person 1", 500)
    _work()
    page = host.get(space(world, "resultats/calcul/"), headers=ENGLISH).content.decode()
    assert "Nothing was changed" in page
    assert 'http-equiv="refresh"' not in page
    assert latest(world.round) is None


def _work() -> None:
    """Do what waits in the queue, with the real worker."""
    there = connection.settings_dict
    subprocess.run(
        [
            sys.executable,
            "-m",
            "abonde.config",
            "procrastinate",
            "worker",
            "--one-shot",
            "--queues=settlement",
        ],
        env={
            **os.environ,
            "ABONDE_MODE": "tests",
            "DATABASE_URL": f"postgresql://{there['USER']}:{there['PASSWORD']}@/{there['NAME']}?host={there['HOST']}",
        },
        check=True,
        capture_output=True,
        timeout=60,
    )


def test_a_signature_waits_until_it_is_made(
    world: World, provisional: Computation, as_person: Browser
) -> None:
    funder = next(iter(world.funders.values()))
    browser, dashboard = as_person(world.agents[funder.pk]), f"/espace/{funder.slug}/"
    assert "Sign the result" not in browser.get(dashboard, headers=ENGLISH).content.decode()
    world.end_objections()
    ask_signatures(person=world.manager, round=world.round)
    assert "Sign the result" in browser.get(dashboard, headers=ENGLISH).content.decode()
    _sign(world, funder, browser)
    assert "Sign the result" not in browser.get(dashboard, headers=ENGLISH).content.decode()


def test_the_dashboard_of_the_host_says_what_a_closed_round_waits_for(
    world: World, as_person: Browser
) -> None:
    page = as_person(world.manager).get(f"/espace/{world.host.slug}/", headers=ENGLISH).content.decode()
    assert "is closed: compute its result" in page
    world.pay_late("person 1", 500)
    page = as_person(world.manager).get(f"/espace/{world.host.slug}/", headers=ENGLISH).content.decode()
    assert "payments are still under way" in page


def test_a_funder_reads_where_each_cent_went(
    world: World, provisional: Computation, as_person: Browser
) -> None:
    for funder in world.funders.values():
        browser = as_person(world.agents[funder.pk])
        page = browser.get(space(world, "resultats/releve/", funder), headers=ENGLISH)
        assert page.status_code == 200
        rows = list(
            csv.DictReader(
                io.StringIO(browser.get(space(world, "resultats/releve.csv", funder)).content.decode())
            )
        )
        given = sum(pot.funders.get(funder.slug, 0) for pot in world.plan.pots)
        assert sum(int(row["cents"]) for row in rows) == given
        assert f"€{given / 100:,.2f}" in page.content.decode()
        assert "amounts may still change" in page.content.decode()


PAGES = [
    # page, and which roles of the host may open it
    ("resultats/", {Role.MANAGER, Role.TREASURER, Role.REVIEWER, Role.READER}),
    ("resultats/calculer/", {Role.MANAGER, Role.TREASURER}),
    ("resultats/signatures/", {Role.MANAGER, Role.TREASURER}),
    ("resultats/final/", {Role.MANAGER, Role.TREASURER}),
    ("resultats/signer/", {Role.MANAGER, Role.TREASURER, Role.REVIEWER, Role.READER}),
    ("objections/", {Role.MANAGER, Role.TREASURER, Role.REVIEWER, Role.READER}),
    ("objections/{objection}/", {Role.MANAGER, Role.REVIEWER}),
]


def test_who_may_see_each_page_of_the_host(signed: World, as_person: Browser) -> None:
    objection = Objection.objects.create(
        computation=signed.round.computations.get(), person=a_person(), text="Non"
    )
    other = an_organisation(Kind.HOST)
    roles = {role: as_person(an_agent(signed.host, role)) for role in ROLES}
    without_proof = a_person()
    signed.host.memberships.create(person=without_proof, role=Role.MANAGER)
    for page, allowed in PAGES:
        address = space(signed, page.format(objection=objection.pk))
        assert as_person().get(address).status_code == 302
        assert as_person(a_person()).get(address).status_code == 404
        assert as_person(an_agent(other)).get(address).status_code == 404
        assert (
            as_person(an_agent(other)).get(address.replace(signed.host.slug, other.slug)).status_code == 404
        )
        assert as_person(signed.agents[signed.certifier.pk]).get(address).status_code == 404
        assert "securite" in as_person(without_proof).get(address)["Location"]
        for role, browser in roles.items():
            assert browser.get(address).status_code == (200 if role in allowed else 403), (page, role)


ROLES = (Role.MANAGER, Role.TREASURER, Role.REVIEWER, Role.READER)


def test_nobody_but_the_right_role_writes(signed: World, as_person: Browser) -> None:
    reader, reviewer = (as_person(an_agent(signed.host, role)) for role in (Role.READER, Role.REVIEWER))
    for browser in (reader, reviewer):
        for page in ("resultats/calculer/", "resultats/signatures/", "resultats/final/"):
            assert browser.post(space(signed, page), {"reason": "moi"}).status_code == 403
    signed.round.refresh_from_db()
    assert signed.round.state == State.PROVISIONAL


def test_what_cannot_be_undone_needs_a_fresh_proof(signed: World, as_person: Browser) -> None:
    stale = as_person(signed.manager, is_proved=False)
    for post in ({}, {"code": "000000"}):
        page = stale.post(space(signed, "resultats/final/"), post)
        assert page.status_code == 200
        assert 'name="code"' in page.content.decode()
    signed.take_back("person 0", "garden")
    compute_result(round=signed.round, reason="Un paiement repris", person=signed.manager)
    signed.end_objections()
    text = ask_signatures(person=signed.manager, round=signed.round)
    page = stale.post(space(signed, "resultats/signer/"), {"sha256": text.sha256})
    assert page.status_code == 200
    assert not Signature.objects.filter(signed_text=text).exists()


def test_signing_needs_a_part_in_the_round_and_a_manager(signed: World, as_person: Browser) -> None:
    stranger = an_organisation(Kind.FUNDER)
    address = space(signed, "resultats/signer/", stranger)
    assert as_person(an_agent(stranger)).get(address).status_code == 404
    funder = next(iter(signed.funders.values()))
    reader = as_person(an_agent(funder, Role.READER))
    assert reader.get(space(signed, "resultats/signer/", funder)).status_code == 200
    text = queries.results_text_of(signed.round.computations.get())
    assert text is not None
    refused = reader.post(space(signed, "resultats/signer/", funder), {"sha256": text.sha256})
    assert refused.status_code == 200
    assert Signature.objects.filter(signed_text=text, organisation=funder).count() == 1


def test_a_statement_is_for_its_funder_alone(
    world: World, provisional: Computation, as_person: Browser
) -> None:
    first, second = list(world.funders.values())
    for rest in ("resultats/releve/", "resultats/releve.csv"):
        assert as_person(world.agents[second.pk]).get(space(world, rest, first)).status_code == 404
        assert as_person(world.manager).get(space(world, rest, first)).status_code == 404
        assert as_person(world.manager).get(space(world, rest)).status_code == 404
        assert as_person().get(space(world, rest, first)).status_code == 302
        assert as_person(an_agent(first, Role.READER)).get(space(world, rest, first)).status_code == 200
    funds = as_person(world.agents[first.pk]).get(f"/espace/{first.slug}/fonds/").content.decode()
    assert f'href="{space(world, "resultats/releve/", first)}"' in funds
    assert space(world, "resultats/releve/", second) not in funds
