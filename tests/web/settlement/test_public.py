"""Results as everyone sees them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from abonde import matching
from abonde.cli import main
from abonde.matching import Cents, Gift, Mechanism
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.settlement.actions import compute_result, decide_objection, finalise, raise_objection
from abonde.settlement.models import Computation, Objection
from abonde.web.settlement.chart import DRAWN, ORDERS
from tests.domain.settlement.conftest import GIFTS, POTS, PROJECTS, RULES
from tests.domain.settlement.world import Plan, World, a_person, build

Browser = Callable[..., Client]


def address(world: World, rest: str = "") -> str:
    return f"/campagnes/{world.round.slug}/resultats{rest}"


def test_before_the_result_the_page_says_when(world: World, as_person: Browser) -> None:
    page = as_person().get(address(world, "/"))
    assert page.status_code == 200
    for rest in (".csv", ".json", "/garden/", "/calculs/1/"):
        assert as_person().get(address(world, rest)).status_code == 404


def test_the_page_lists_each_project_with_its_amounts(
    world: World,
    provisional: Computation,
    as_person: Browser,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = as_person(a_person())
    with django_assert_max_num_queries(12):
        page = browser.get(address(world, "/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    for line in provisional.lines.select_related("project"):
        assert f'href="{address(world, f"/{line.project.slug}/")}"' in page
        assert f'href="{reverse("project", args=[world.round.slug, line.project.slug])}"' in page
        assert f"€{line.matching / 100:,.2f}" in page
    assert "Provisional" in page
    assert provisional.fingerprint in page
    assert page.count('<svg class="bar__drawing"') == len(PROJECTS) + len(POTS)
    assert "3 projects receive" in page
    assert "The rules set a limit: at most 9 € from the fund for each euro that counts." in page
    assert "The fund adds nothing, since fewer than 2 people count." in page
    assert "objections/nouvelle/" in page


@pytest.mark.parametrize(
    ("order", "first"),
    [("", "garden"), ("total", "garden"), ("dons", "bikes"), ("voix", "garden"), ("nothing", "garden")],
)
def test_projects_stand_in_the_order_that_was_asked_for(
    world: World, provisional: Computation, as_person: Browser, order: str, first: str
) -> None:
    page = as_person().get(address(world, "/"), {"tri": order}).content.decode()
    names = re.findall(r'ranking__name"><a href="/campagnes/[^/]+/projets/([^/]+)/"', page)
    assert sorted(names) == sorted(one.key for one in PROJECTS)
    assert names[0] == first
    assert re.findall(r'id="by-(\w+)"[^>]+ aria-current="true"', page) == [
        order if order in ORDERS else "ajout"
    ]


def test_a_long_result_is_drawn_in_part_and_listed_whole(
    database: None, as_person: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    keys = [f"project-{number:02}" for number in range(DRAWN + 5)]
    projects = [matching.Project(key=key, name=key, challenge="food", need=Cents(500_000)) for key in keys]
    gifts = [Gift(f"person {number}", key, 2_000) for key in keys for number in range(2)]
    many = build(Plan(gifts, projects, POTS, RULES))
    compute_result(round=many.round, reason="Premier calcul")
    with django_assert_max_num_queries(12):
        page = as_person().get(address(many, "/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert page.count('class="ranking__one"') == DRAWN
    assert "5 more projects stand in the table below." in page
    assert all(f'href="{address(many, f"/{key}/")}"' in page for key in keys)


def test_a_round_without_gifts_says_that_the_fund_goes_back(database: None, as_person: Browser) -> None:
    empty = build(Plan([], PROJECTS, POTS, RULES))
    compute_result(round=empty.round, reason="Personne n’a donné")
    page = as_person().get(address(empty, "/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Nobody gave in this round." in page
    assert "ranking" not in page
    assert page.count('class="bar__key bar__key--left">€') == len(POTS)


def test_a_round_that_was_called_off_has_no_final_result(
    world: World, provisional: Computation, as_person: Browser
) -> None:
    Round.objects.filter(pk=world.round.pk).update(
        state=State.CALLED_OFF, called_off_at=provisional.at, called_off_because="La digue a cédé"
    )
    page = as_person().get(address(world, "/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "This round was called off: nothing of this is paid out." in page
    assert 'class="steps' not in page
    assert "objections/nouvelle/" not in page


def test_a_final_result_says_so(
    signed: World, as_person: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    finalise(person=signed.manager, round=signed.round)
    browser = as_person(a_person())
    with django_assert_max_num_queries(12):
        page = browser.get(address(signed, "/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "This result is final" in page
    assert "objections/nouvelle/" not in page
    assert page.count("Signed on") == 4


def test_every_explanation_is_said_in_sentences_that_hold(
    world: World,
    provisional: Computation,
    as_person: Browser,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(12):
        page = as_person().get(address(world, "/garden/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "€160.00 of it counts for the fund, from 8 people." in page
    assert "A limit holds it at" in page
    assert "at most 9 € from the fund for each euro that counts" in page
    bikes = as_person().get(address(world, "/bikes/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "It adds nothing here, since fewer than 2 people count." in bikes
    assert "People gave €450.00 to this project." in bikes
    assert as_person().get(address(world, "/nothing/")).status_code == 404


@pytest.mark.parametrize("mechanism", Mechanism)
def test_the_files_hold_the_figures_of_the_command_line(
    database: None, mechanism: Mechanism, as_person: Browser, tmp_path: Path
) -> None:
    world = build(Plan(GIFTS, PROJECTS, POTS, RULES.with_mechanism(mechanism)))
    compute_result(round=world.round, reason="Premier calcul")
    written = _written(world, tmp_path)
    ours = as_person().get(address(world, ".csv"))
    assert ours["Content-Disposition"].startswith("attachment")
    assert ours.content.decode() == _allocate(written, "csv")
    result = json.loads(as_person().get(address(world, ".json")).content)
    (expected,) = json.loads(_allocate(written, "json"))["allocations"]
    assert result["projects"] == expected["projects"]
    assert result["pots"] == expected["pots"]
    assert result["rules_sha256"] == expected["rules_sha256"]
    assert (result["added_cents"], result["unspent_cents"]) == (
        expected["added_cents"],
        expected["unspent_cents"],
    )


def _written(world: World, folder: Path) -> list[str]:
    """The files with which anyone computes the round again."""
    with (folder / "gifts.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["person", "project", "cents", "eligible"])
        table.writerows((*gift[:3], str(gift.eligible)) for gift in world.plan.gifts)
    with (folder / "projects.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["project", "name", "challenge", "need"])
        table.writerows(
            (one.key, one.name, one.challenge, (one.need or 0) // 100) for one in world.plan.projects
        )
    pots = []
    for pot in world.plan.pots:
        pots.append("[[pot]]")
        pots.append(f'key = "{pot.key}"')
        if pot.earmark.challenge:
            pots.append(f'challenge = "{pot.earmark.challenge}"')
        pots.append("[pot.funders]")
        pots += [f'"{name}" = "{cents // 100}.{cents % 100:02}"' for name, cents in pot.funders.items()]
    (folder / "pots.toml").write_text("\n".join(pots), encoding="utf-8")
    rules = [f"{key} = {json.dumps(value)}" for key, value in world.plan.rules.to_mapping().items()]
    (folder / "rules.toml").write_text("\n".join(rules), encoding="utf-8")
    return [
        str(folder / "gifts.csv"),
        "--projects",
        str(folder / "projects.csv"),
        "--pots",
        str(folder / "pots.toml"),
        "--rules",
        str(folder / "rules.toml"),
    ]


def _allocate(arguments: list[str], form: str) -> str:
    done = CliRunner().invoke(main, ["allocate", *arguments, "--format", form])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_new_computation_shows_what_it_changed(
    world: World,
    provisional: Computation,
    as_person: Browser,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    world.take_back("person 0", "garden")
    compute_result(round=world.round, reason="Un paiement repris par la banque", person=world.manager)
    page = as_person().get(address(world, "/calculs/2/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Un paiement repris par la banque" in page
    assert "The support of this project itself changed." in page
    assert "−€20.00" in page
    first = as_person().get(address(world, "/calculs/1/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "A later computation has replaced this one." in first
    assert f'href="{address(world, "/")}"' in first.split("replaced this one.")[1][:80]
    with django_assert_max_num_queries(15):
        overview = as_person().get(address(world, "/"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Computation 1" in overview
    assert "Computed again on" in overview
    assert "Projects that changed:" in overview
    assert "because its own support changed" in overview
    changed = json.loads(as_person().get(address(world, ".json")).content)["differences"]
    assert changed[0]["project"] in {"garden", "seeds"}


def test_the_signed_text_is_served_byte_for_byte(signed: World, as_person: Browser) -> None:
    text = signed.round.signed_texts.get()
    found = as_person().get(f"/campagnes/{signed.round.slug}/resultats-signes.json")
    assert found.content == text.canonical.encode()


@pytest.mark.parametrize("project", ["", "garden"])
def test_a_person_objects_and_everyone_reads_it_without_a_name(
    world: World, provisional: Computation, as_person: Browser, project: str
) -> None:
    person = a_person()
    Person.objects.filter(pk=person.pk).update(name="Zoé Quelqu’un")
    form = f"/campagnes/{world.round.slug}/objections/nouvelle/"
    assert as_person().get(form).status_code == 302
    browser = as_person(person)
    wrong = browser.post(form, {"project": project, "text": ""})
    assert wrong.status_code == 200
    assert not Objection.objects.filter(computation=provisional).exists()
    done = browser.post(form, {"project": project, "text": "<b>Le stand</b> comptait double."})
    assert done.status_code == 302
    objection = Objection.objects.get(computation=provisional)
    assert (objection.project.slug if objection.project else "") == project
    decide_objection(person=world.manager, objection=objection, upheld=False, answer="Vérifié deux fois.")
    page = as_person().get(f"/campagnes/{world.round.slug}/objections/").content.decode()
    assert "&lt;b&gt;Le stand&lt;/b&gt; comptait double." in page
    assert "Vérifié deux fois." in page
    assert "Zoé" not in page


def test_an_objection_that_comes_too_late_keeps_what_was_typed(
    world: World, provisional: Computation, as_person: Browser
) -> None:
    world.end_objections()
    page = as_person(a_person()).post(
        f"/campagnes/{world.round.slug}/objections/nouvelle/",
        {"project": "", "text": "Le stand <comptait> double"},
        HTTP_ACCEPT_LANGUAGE="en",
    )
    assert page.status_code == 200
    assert "The time for objections to this result is over." in page.content.decode()
    assert "Le stand &lt;comptait&gt; double" in page.content.decode()
    assert not Objection.objects.filter(computation=provisional).exists()


def test_a_draft_has_no_public_page(world: World, as_person: Browser) -> None:
    draft = Round.objects.create(host=world.host, slug=f"{world.round.slug}-draft", name="Brouillon")
    assert as_person(world.manager).get(f"/campagnes/{draft.slug}/resultats/").status_code == 404


def test_objections_come_with_the_result(world: World, as_person: Browser) -> None:
    assert as_person().get(f"/campagnes/{world.round.slug}/objections/").status_code == 404
    compute_result(round=world.round, reason="Premier calcul")
    raise_objection(person=a_person(), round=world.round, text="Non")
    assert as_person().get(f"/campagnes/{world.round.slug}/objections/").status_code == 200
