"""The basket: filling it, changing it, keeping it, and what it says of each line."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from abonde.core.clock import present_time
from abonde.core.transitions import NotNow
from abonde.giving.actions import basket_for, join_baskets, put_in_basket, take_out
from abonde.giving.models import Basket, BasketLine
from abonde.matching.amounts import Cents
from abonde.matching.rules import PRESETS
from abonde.people.models import Session
from abonde.projects.models import Attachment, AttachmentKind, Project
from abonde.projects.states import State as ProjectState
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.web.giving.basket import Row
from abonde.web.giving.forms import AmountForm
from tests.factories import a_person, a_project, a_round, a_settled_gift, a_voice
from tests.web.giving.conftest import Browser
from tests.web.giving.worlds import plain_round

pytestmark = pytest.mark.usefixtures("database")


def put(client: Client, project: Project, amount: str = "10", **fields: str) -> str:
    """Put the project in, follow, and give the page back."""
    address = reverse("basket-put", args=[project.round.slug, project.slug])
    response = client.post(address, fields or {"amount": amount}, follow=True)
    assert response.status_code in {HTTPStatus.OK, HTTPStatus.GONE}
    return response.content.decode()


def basket(client: Client, round_: Round, *, status: HTTPStatus = HTTPStatus.OK) -> str:
    response = client.get(reverse("basket", args=[round_.slug]))
    assert response.status_code == status
    return response.content.decode()


def amounts(round_: Round) -> list[int]:
    return list(
        BasketLine.objects.filter(basket__round=round_).order_by("id").values_list("amount", flat=True)
    )


def test_an_empty_basket_leads_to_the_projects_and_writes_no_session(browser: Browser) -> None:
    round_, client, before = a_round(), browser(), Session.objects.count()
    shown = basket(client, round_)
    assert "Your basket is empty" in shown
    assert reverse("round", args=[round_.slug]) in shown
    assert Session.objects.count() == before
    assert not Basket.objects.filter(round=round_).exists()


def test_a_visitor_fills_a_basket_and_keeps_it_through_the_log_in(browser: Browser) -> None:
    round_, client = a_round(), browser()
    first, second = a_project(round_), a_project(round_, name="Grainothèque")
    assert "is in your basket" in put(client, first, "12,50")
    shown = put(client, second, "1 000")
    assert "Grainothèque" in shown
    assert "€1,012.50" in shown
    assert "Log in to pay" in shown
    assert f"?next={reverse('basket', args=[round_.slug])}" in shown
    person = a_person()
    client.force_login(person)
    shown = basket(client, round_)
    assert "Pay €1,012.50" in shown
    assert list(Basket.objects.filter(round=round_).values_list("person", flat=True)) == [person.pk]
    assert client.session["baskets"] == {}


def test_a_page_that_stays_hears_what_the_basket_holds(browser: Browser) -> None:
    round_, client = a_round(), browser()
    first, second = a_project(round_), a_project(round_, name="Grainothèque")
    put(client, first, "12,50")
    address = reverse("basket-put", args=[round_.slug, second.slug])
    piece = client.post(address, {"amount": "10"}, headers={"HX-Request": "true"})
    assert piece.status_code == HTTPStatus.OK
    shown = piece.content.decode()
    assert "<html" not in shown
    assert "€10 for this project" in shown
    assert "Your basket holds 2 projects, €22.50 in all" in shown
    assert reverse("basket", args=[round_.slug]) in shown
    assert amounts(round_) == [1250, 1000]


def test_what_is_refused_to_a_page_that_stays_becomes_the_whole_page(browser: Browser) -> None:
    project, client = a_project(a_round()), browser()
    address = reverse("basket-put", args=[project.round.slug, project.slug])
    page = client.post(address, {"amount": "12,345"}, headers={"HX-Request": "true"})
    assert page.headers["HX-Retarget"] == "body"
    assert 'value="12,345"' in page.content.decode()
    assert amounts(project.round) == []


HERE = {"HX-Request": "true", "HX-Target": "basket"}
"""How the basket's page changes where it stands."""


def test_an_amount_changes_where_the_basket_stands(browser: Browser) -> None:
    project, client = a_project(a_round()), browser(a_person())
    put(client, project, "10")
    address = reverse("basket-put", args=[project.round.slug, project.slug])
    shown = client.post(address, {"amount": "25"}, headers=HERE).content.decode()
    assert "<html" not in shown
    assert shown.count('id="basket"') == 1
    assert "Pay €25" in shown
    assert 'hx-swap-oob="innerHTML">You give €25<' in shown, "who cannot see the page hears the new sum"
    assert amounts(project.round) == [2500]
    refused = client.post(address, {"amount": "0"}, headers=HERE)
    assert "HX-Retarget" not in refused.headers
    wrong = refused.content.decode()
    assert f'href="#{project.slug}-amount"' in wrong
    assert f'id="{project.slug}-amount_error"' in wrong
    assert 'value="0"' in wrong
    assert "this pays what was in your basket before" in wrong
    assert amounts(project.round) == [2500]


def test_taking_out_where_the_basket_stands_offers_to_put_back(browser: Browser) -> None:
    project, client = a_project(a_round()), browser()
    put(client, project, "15")
    address = reverse("basket-take-out", args=[project.round.slug, project.slug])
    shown = client.post(address, headers=HERE).content.decode()
    assert "<html" not in shown
    assert "Put it back with €15" in shown
    assert "Your basket is empty" in shown
    assert amounts(project.round) == []


def test_a_line_shows_the_first_picture_of_its_project(browser: Browser) -> None:
    project, client = a_project(a_round()), browser()
    assert "line__picture--none" in put(client, project)
    second, first = (
        Attachment.objects.create(
            project=project,
            kind=AttachmentKind.IMAGE,
            title=title,
            position=position,
            bytes=1,
            sha256="0",
            small_width=640,
            small_height=360,
        )
        for title, position in (("La place", 1), ("Le four", 0))
    )
    shown = basket(client, project.round)
    assert reverse("project-picture", args=[project.round.slug, project.slug, first.pk, "small"]) in shown
    assert 'width="640" height="360"' in shown
    assert f"/{second.pk}/small/" not in shown
    assert shown.count("<img") == 1
    assert "line__picture--none" not in shown


@pytest.mark.parametrize(
    ("given", "added", "widths"),
    [
        (1000, 3000, ("250", "750")),
        (1000, 10_000_000, ("20", "980")),
        (100_000, 1, ("980", "20")),
    ],
)
def test_the_drawing_of_a_line_shows_both_parts(given: int, added: int, widths: tuple[str, str]) -> None:
    round_ = Round(smallest_gift=500, largest_gift=100_000)
    project = Project(slug="four")
    assert Row(project, AmountForm(round_, project), given, added=added).bar == widths


def test_a_basket_that_another_tab_joined_to_the_account_is_not_lost(browser: Browser) -> None:
    round_, person = a_round(), a_person()
    project = a_project(round_)
    loose = basket_for(round_, person=None, basket_id=None)
    join_baskets(person=person, basket_id=loose.pk)
    with pytest.raises(NotNow, match="joined to that of your account"):
        put_in_basket(basket=loose, project=project, amount=Cents(1000))
    take_out(basket=loose, project=project)
    client = browser(person)
    put(client, project, "10")
    assert amounts(round_) == [1000]


def test_at_log_in_the_newer_amount_of_the_browser_wins_and_other_rounds_stay(browser: Browser) -> None:
    round_, other, client, person = a_round(), a_round(), browser(), a_person()
    project, elsewhere = a_project(round_), a_project(other)
    put(browser(person), project, "10")
    put(client, project, "20")
    put(client, elsewhere, "30")
    client.force_login(person)
    assert "€20" in basket(client, round_)
    assert amounts(round_) == [2000]
    assert "€30" in basket(client, other)


def test_a_browser_sees_its_own_basket_only(browser: Browser) -> None:
    round_ = a_round()
    put(browser(), a_project(round_))
    put(browser(a_person()), a_project(round_))
    assert "Your basket is empty" in basket(browser(), round_)
    assert "Your basket is empty" in basket(browser(a_person()), round_)


@pytest.mark.parametrize(
    ("fields", "cents"),
    [
        ({"amount": "10"}, 1000),
        ({"amount": "10,50"}, 1050),
        ({"amount": "10.5"}, 1050),
        ({"amount": "1 000"}, 100_000),
        ({"amount": "1\u202f000 €"}, 100_000),
        ({"suggested": "2000"}, 2000),
        ({"suggested": "2000", "amount": ""}, 2000),
    ],
)
def test_amounts_as_people_write_them(browser: Browser, fields: dict[str, str], cents: int) -> None:
    round_ = a_round()
    put(browser(), a_project(round_), **fields)
    assert amounts(round_) == [cents]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("0", "Give at least €5"),
        ("-5", "Write an amount in euros"),
        ("0,005", "Write an amount in euros"),
        ("1e12", "Write an amount in euros"),
        ("1000000000000", "Give at most €1,000"),
        ("9" * 5000, "Write an amount in euros"),
        ("dix", "Write an amount in euros"),
        ("", "Write how much you would like to give"),
        ("1\0", "Write an amount in euros"),
        ("4,99", "Give at least €5"),
        ("1000,01", "Give at most €1,000"),
        ("<script>", "Write an amount in euros"),
    ],
)
def test_what_is_refused_stays_in_its_field(browser: Browser, written: str, sentence: str) -> None:
    round_ = a_round()
    project, client = a_project(round_), browser()
    shown = put(client, project, written)
    assert sentence in shown
    if written and "<" not in written:
        assert f'value="{written}"' in shown
    assert "<script>" not in shown
    assert amounts(round_) == []
    put(client, project, "10")
    shown = put(client, project, written)
    assert sentence in shown
    assert "€10" in shown
    assert amounts(round_) == [1000]


@pytest.mark.parametrize("proposed", ["-1", "x", "1" * 30, "²", "\0", "1e5", "0.5"])
def test_a_proposed_amount_that_nobody_proposed(browser: Browser, proposed: str) -> None:
    round_ = a_round()
    assert "how much you would like" in put(browser(), a_project(round_), suggested=proposed)
    assert amounts(round_) == []


@pytest.mark.parametrize(
    ("proposed", "sentence"), [("0", "Give at least €5"), ("999999999999", "Give at most €1,000")]
)
def test_a_proposed_amount_out_of_bounds(browser: Browser, proposed: str, sentence: str) -> None:
    round_ = a_round()
    assert sentence in put(browser(), a_project(round_), suggested=proposed)
    assert amounts(round_) == []


def test_taking_out_offers_to_put_back(browser: Browser) -> None:
    round_, client = a_round(), browser()
    project = a_project(round_)
    put(client, project, "15")
    address = reverse("basket-take-out", args=[round_.slug, project.slug])
    shown = client.post(address, follow=True).content.decode()
    assert "Put it back with €15" in shown
    assert 'name="suggested" value="1500"' in shown
    assert amounts(round_) == []
    assert "Put it back" not in client.post(address, follow=True).content.decode()  # clicked twice
    assert "€15" in put(client, project, suggested="1500")
    assert amounts(round_) == [1500]


@pytest.mark.parametrize(
    "query", ["retire=%00&montant=10", "retire=x&montant=10", "retire=x", "montant=1", "retire=x&montant=%00"]
)
def test_an_address_made_up_offers_nothing(browser: Browser, query: str) -> None:
    round_ = a_round()
    response = browser().get(f"{reverse('basket', args=[round_.slug])}?{query}")
    assert response.status_code == HTTPStatus.OK
    assert "Put it back" not in response.content.decode()


def test_with_a_voice_each_line_says_what_the_fund_adds(browser: Browser) -> None:
    round_, person = plain_round(), a_person()
    project = a_project(round_)
    a_settled_gift(project, 2000)
    a_voice(person, round_)
    shown = put(browser(person), project, "10")
    assert "Your voice counts" in shown
    assert "from the fund today" in shown
    assert "is an estimate" in shown
    assert "Not topped up" not in shown


def test_without_a_voice_a_gift_is_welcome_and_visibly_not_matched(browser: Browser) -> None:
    round_ = plain_round()
    project = a_project(round_)
    a_settled_gift(project, 2000)
    shown = put(browser(a_person()), project, "10")
    assert "Your gifts are welcome" in shown
    assert reverse("my-voice") in shown
    assert "Not topped up" in shown
    assert "Your voice counts" not in shown


def test_where_the_fund_waits_for_more_people_the_line_says_so(browser: Browser) -> None:
    round_, person = a_round(), a_person()
    project = a_project(round_)
    a_settled_gift(project, 2000)
    a_voice(person, round_)
    assert "once 5 people support it: so far, 1 does" in put(browser(person), project, "10")


def test_after_the_close_the_basket_is_kept_and_cannot_be_paid(browser: Browser) -> None:
    round_, client = a_round(), browser(a_person())
    project = a_project(round_)
    put(client, project, "10")
    Round.objects.filter(pk=round_.pk).update(state=State.CLOSED)
    shown = basket(client, round_, status=HTTPStatus.GONE)
    assert "has not been paid" in shown
    assert project.name in shown
    assert "Pay €" not in shown
    assert "You give" not in shown, "nothing is given any more"
    refused = put(client, project, "20")
    assert "does not take gifts at this moment" in refused
    assert amounts(round_) == [1000]


def test_before_the_round_gives(browser: Browser) -> None:
    shown = basket(browser(), a_round(state=State.APPLICATIONS))
    assert "Giving has not begun" in shown


def test_the_moment_of_the_close_is_that_of_the_database(browser: Browser) -> None:
    """The clock's job has not run yet, and the round is over all the same."""
    round_ = a_round(giving_closes_at=present_time() - timedelta(seconds=1))
    assert "Giving is over" in basket(browser(), round_, status=HTTPStatus.GONE)


def test_a_withdrawn_project_is_marked_and_left_out_of_the_sum(browser: Browser) -> None:
    round_, client = a_round(), browser(a_person())
    kept, gone = a_project(round_), a_project(round_, name="Partie")
    put(client, kept, "10")
    put(client, gone, "20")
    gone.state = ProjectState.WITHDRAWN
    gone.save_edit(None)
    shown = basket(client, round_)
    assert "Withdrawn" in shown
    assert "Take the withdrawn projects out" in shown
    assert "Pay €" not in shown
    assert "does not take gifts" in put(client, gone, "30")
    shown = client.post(
        reverse("basket-take-out", args=[round_.slug, gone.slug]), follow=True
    ).content.decode()
    assert "Pay €10" in shown
    assert "Put it back" not in shown


@pytest.mark.parametrize("state", [ProjectState.DRAFT, ProjectState.SUBMITTED, ProjectState.ADMITTED])
def test_projects_that_nobody_may_see_are_not_found(browser: Browser, state: ProjectState) -> None:
    round_ = a_round()
    project = a_project(round_, state=state)
    for name in ("basket-put", "basket-take-out"):
        response = browser().post(reverse(name, args=[round_.slug, project.slug]), {"amount": "10"})
        assert response.status_code == HTTPStatus.NOT_FOUND


def test_a_project_of_another_round_is_not_found(browser: Browser) -> None:
    round_, project = a_round(), a_project(a_round())
    response = browser().post(reverse("basket-put", args=[round_.slug, project.slug]), {"amount": "10"})
    assert response.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("state", [State.DRAFT, State.CANCELLED])
def test_a_round_that_nobody_may_see_has_no_basket(browser: Browser, state: State) -> None:
    round_ = a_round(state=state)
    assert browser().get(reverse("basket", args=[round_.slug])).status_code == HTTPStatus.NOT_FOUND


def test_a_page_with_a_refusal_opened_again_by_its_address(browser: Browser) -> None:
    project = a_project(a_round())
    response = browser().get(reverse("basket-put", args=[project.round.slug, project.slug]))
    assert response.headers["Location"] == reverse("basket", args=[project.round.slug])


def test_twenty_lines_ask_few_questions_of_the_database(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    round_, person = a_round(), a_person()
    a_voice(person, round_)
    client = browser(person)
    for number in range(20):
        put(client, a_project(round_, name=f"Projet {number}"))
    with django_assert_max_num_queries(15):
        shown = basket(client, round_)
    assert "Pay €200" in shown


def test_in_french_the_field_shows_a_comma(browser: Browser) -> None:
    project = a_project(a_round())
    client = Client(headers={"accept-language": "fr"})
    assert 'value="25,50"' in put(client, project, suggested="2550")
    assert 'value="0,005"' in put(client, project, "0,005")


@pytest.mark.parametrize("mechanism", ["heads", "pairwise", "cluster"])
def test_where_gifts_change_other_projects_too_no_effect_is_promised(
    browser: Browser, mechanism: str
) -> None:
    round_ = a_round(written_rules={**PRESETS["plain"].to_mapping(), "mechanism": mechanism})
    project = a_project(round_)
    a_settled_gift(project, 1000)
    shown = put(browser(), project)
    assert "depends here on who else gives" in shown
    assert "would add nothing more" not in shown
