from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from abonde.core.clock import present_time
from abonde.projects.models import Project
from abonde.projects.states import State as ProjectState
from abonde.rounds.models import Round, Signature
from abonde.rounds.rules_text import current_text
from abonde.rounds.states import State
from tests.factories import WAY_TO, a_project, a_round, a_settled_gift, an_opened_round, unique


@pytest.fixture
def browser(database: None) -> Client:
    return Client(headers={"accept-language": "en"})


def test_home_shows_what_is_under_way_and_no_draft(browser: Client) -> None:
    live = a_round(state=State.GIVING, name=unique("live"))
    draft = a_round(state=State.DRAFT, name=unique("draft"))
    over = a_round(state=State.FINAL, name=unique("over"))
    home = browser.get("/").content.decode()
    assert live.name in home
    assert draft.name not in home
    assert over.name not in home
    every = browser.get("/campagnes/").content.decode()
    assert over.name in every
    assert draft.name not in every


@pytest.mark.parametrize("state", list(WAY_TO))
def test_a_round_has_its_pages_in_every_state_in_which_it_is_public(browser: Client, state: State) -> None:
    made = a_round(state=state)
    expected = 404 if state in {State.DRAFT, State.CANCELLED} else 200
    for page in ("", "reglement/", "reglement.json"):
        assert browser.get(f"/campagnes/{made.slug}/{page}").status_code == expected


def many_projects(made: Round, number: int) -> None:
    for place in range(number):
        a_project(made, name=f"Project {place:03}", state=ProjectState.SELECTED)


def test_a_round_with_many_projects_is_read_in_few_queries(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = a_round(state=State.GIVING)
    many_projects(made, 200)
    browser.get(f"/campagnes/{made.slug}/")
    with django_assert_max_num_queries(12):
        page = browser.get(f"/campagnes/{made.slug}/")
    assert page.content.decode().count('"card project-card"') == 24
    assert "Page 1 of 9" in page.content.decode()
    with django_assert_max_num_queries(12):
        assert browser.get(f"/campagnes/{made.slug}/?recherche=project&tri=nom&page=9").status_code == 200


def test_projects_are_found_by_words_challenge_and_commune_and_put_in_order(browser: Client) -> None:
    made = a_round(state=State.GIVING)
    nature, food = (made.challenges.get(key=key) for key in ("nature", "food"))
    for name, challenge, place in (("Éclairage", nature, "26113"), ("Bakery", food, "26108")):
        project = a_project(made, name=name)
        Project.objects.filter(pk=project.pk).update(challenge=challenge, place=place)
    address = f"/campagnes/{made.slug}/"

    def shown(query: str) -> list[str]:
        page = browser.get(f"{address}?{query}")
        assert page.status_code == 200
        return [card.name for card in page.context["cards"]]

    assert shown("recherche=eclairage") == ["Éclairage"]
    assert shown("recherche=die") == ["Éclairage"], "the commune is searched too"
    assert shown("defi=food") == ["Bakery"]
    assert shown("commune=26113") == ["Éclairage"]
    assert shown("defi=food&commune=26113") == []
    assert shown("tri=nom") == ["Bakery", "Éclairage"]
    assert shown("tri=recents") == ["Bakery", "Éclairage"]
    assert shown("tri=backwards&defi=none&page=x&recherche=%00&besoin=none") == shown("")
    assert shown("recherche=%F0%9F%8C%B1") == []


def test_projects_are_found_by_what_they_lack_and_ordered_by_it(browser: Client) -> None:
    made = a_round(state=State.GIVING)
    needs = {"Far": 900_000, "Near": 30_000, "Done": 2_000}
    projects = {name: a_project(made, name=name, need=need) for name, need in needs.items()}
    for project in projects.values():
        a_settled_gift(project, 2_000)
    a_settled_gift(projects["Near"], 15_000)

    def shown(query: str) -> list[str]:
        page = browser.get(f"/campagnes/{made.slug}/?{query}")
        return [card.name for card in page.context["cards"]]

    assert shown("besoin=commencer") == ["Far"]
    assert shown("besoin=completer") == ["Near"]
    assert shown("besoin=atteint") == ["Done"]
    assert shown("tri=presque") == ["Near", "Far", "Done"]
    assert shown("tri=moins")[-1] == "Near"
    assert shown("tri=plus")[0] == "Near"


def test_the_order_is_drawn_for_each_visitor_and_kept_while_they_look(database: None) -> None:
    made = a_round(state=State.GIVING)
    many_projects(made, 30)

    def order(client: Client) -> list[str]:
        pages = [client.get(f"/campagnes/{made.slug}/?page={number}") for number in (1, 2)]
        return [card.name for page in pages for card in page.context["cards"]]

    seen = set()
    for draw in ("1", "2", "3"):
        client = Client()
        client.cookies["tirage"] = draw
        found = order(client)
        assert len(set(found)) == 30, "nothing twice, nothing left out"
        assert found == order(client)
        seen.add(tuple(found))
    assert len(seen) == 3
    stranger = Client()
    stranger.cookies["tirage"] = "'; drop"
    assert len(set(order(stranger))) == 30
    assert stranger.cookies["tirage"].value.isdigit()


def test_a_page_that_is_read_asks_for_the_projects_alone(browser: Client) -> None:
    made = a_round(state=State.GIVING)
    a_project(made, name="Bakery")
    piece = browser.get(f"/campagnes/{made.slug}/?recherche=bak", headers={"HX-Request": "true"})
    text = piece.content.decode()
    assert "<html" not in text
    assert "Bakery" in text
    assert "number-found" in text
    assert "HX-Request" in piece.headers["Vary"]
    boosted = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in browser.get(f"/campagnes/{made.slug}/", headers=boosted).content.decode()


def test_what_is_typed_into_a_search_is_shown_as_text(browser: Client) -> None:
    made = a_round(state=State.GIVING)
    a_project(made)
    page = browser.get(f"/campagnes/{made.slug}/?recherche=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in page


def test_a_page_read_after_the_deadline_shows_the_round_closed(browser: Client) -> None:
    soon = present_time() + timedelta(milliseconds=200)
    made = a_round(state=State.GIVING, giving_closes_at=soon)
    while present_time() < soon:
        pass
    page = browser.get(f"/campagnes/{made.slug}/")
    made.refresh_from_db()
    assert made.state == State.CLOSED
    assert page.context["open_for_gifts"] is False


def test_a_round_leads_to_its_projects_once_it_has_any(browser: Client) -> None:
    made = a_round()
    address = f"/campagnes/{made.slug}/"
    assert "Choose projects" not in browser.get(address, headers={"Accept-Language": "en"}).content.decode()
    a_project(made)
    assert "Choose projects" in browser.get(address, headers={"Accept-Language": "en"}).content.decode()


def test_the_rules_page_gives_the_exact_text_whose_hash_it_shows(browser: Client) -> None:
    made = an_opened_round()
    text = current_text(made)
    assert text is not None
    exact = browser.get(f"/campagnes/{made.slug}/reglement.json")
    assert hashlib.sha256(exact.content).hexdigest() == text.sha256
    assert json.loads(exact.content)["round"] == made.slug
    page = browser.get(f"/campagnes/{made.slug}/reglement/").content.decode()
    assert text.sha256 in page
    assert page.count("state--success") == 3
    assert bytes(Signature.objects.filter(signed_text=text)[0].signature).hex() in page


def test_odd_texts_are_shown_as_texts(browser: Client) -> None:
    name = '<script>alert(1)</script> \u202eÜnïcödé 🌱 & "quotes"'
    made = an_opened_round(name=name)
    made.description = "<img src=x onerror=alert(1)> [link](javascript:alert(1))\n\n**bold**"
    made.save(update_fields=["description"])
    for address in ("/", f"/campagnes/{made.slug}/", f"/campagnes/{made.slug}/reglement/"):
        page = browser.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
    assert "<strong>bold</strong>" in browser.get(f"/campagnes/{made.slug}/").content.decode()


def test_projects_stand_on_a_map_where_their_holders_put_them(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = a_round(state=State.GIVING)
    north, south = a_project(made, name="<North>"), a_project(made, name="South")
    a_project(made, name="Nowhere")
    address = f"/campagnes/{made.slug}/?vue=carte"
    assert "vue=carte" not in browser.get(address.partition("?")[0]).content.decode(), "no point, no map"
    assert len(browser.get(address).context["cards"]) == 3
    for project, latitude in ((north, "44.80"), (south, "44.70")):
        Project.objects.filter(pk=project.pk).update(latitude=latitude, longitude="5.1")
    assert "vue=carte" in browser.get(address.partition("?")[0]).content.decode()
    with django_assert_max_num_queries(12):
        page = browser.get(address)
    drawn = page.context["map"]
    spots = {one.name: one for one in drawn.spots}
    assert int(spots["<North>"].y) < int(spots["South"].y), "north is up"
    assert spots["<North>"].x == spots["South"].x == "500"
    assert drawn.without == 1
    text = page.content.decode()
    assert "&lt;North&gt;" in text
    assert text.count("map__reach") == 2
    assert "1 project has no point" in text
    assert 'name="vue" value="carte" form="browse"' in text
    one = browser.get(f"{address}&recherche=south").context["map"]
    assert [spot.name for spot in one.spots] == ["South"]


def test_streets_are_offered_where_the_operator_chose_a_server_for_them(
    browser: Client, settings: Settings
) -> None:
    made = a_round(state=State.GIVING)
    a_project(made, latitude="44.80", longitude="5.1")
    address = f"/campagnes/{made.slug}/?vue=carte"
    assert "data-streets" not in browser.get(address).content.decode()
    settings.MAP_TILES = "https://tiles.example/{z}/{x}/{y}.png"
    settings.MAP_TILES_ORIGIN = "https://tiles.example"
    text = browser.get(address, headers={"Accept-Language": "fr"}).content.decode()
    assert 'data-streets="https://tiles.example/{z}/{x}/{y}.png"' in text
    assert 'data-latitude="44.8' in text, "a point, whatever the language writes"
    assert "demande alors les images à tiles.example" in text
    assert "leaflet" not in browser.get(f"/campagnes/{made.slug}/").content.decode()
