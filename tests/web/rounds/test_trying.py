"""A round before it opens: as citizens will see it, and its rules on an invented crowd."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from abonde.funds.models import Agreement
from abonde.matching import PRESETS
from abonde.organisations.models import Role
from abonde.rounds.models import Round
from abonde.rounds.states import State
from tests.factories import a_person, a_round, a_signed_draft, an_agent, an_organisation

pytestmark = pytest.mark.usefixtures("database")


def _agent(round_: Round) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(an_agent(round_.host, Role.READER))
    return client


def _space(round_: Round) -> str:
    return f"/espace/{round_.host.slug}/campagnes/{round_.slug}/"


def test_the_trio_sees_a_draft_as_citizens_will_and_nobody_else_does() -> None:
    draft = a_round(state=State.DRAFT)
    assert Client().get(f"/campagnes/{draft.slug}/").status_code == 404
    page = _agent(draft).get(f"{_space(draft)}apercu/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Preview: this is how citizens will see the round" in text
    assert f'href="{_space(draft)}"' in text
    assert draft.summary in text
    stranger = Client()
    stranger.force_login(a_person())
    assert stranger.get(f"{_space(draft)}apercu/").status_code in {403, 404}
    other = Client()
    other.force_login(an_agent(an_organisation()))
    assert other.get(f"{_space(draft)}apercu/").status_code in {403, 404}


def test_once_it_is_public_the_preview_leads_to_the_page() -> None:
    giving = a_round(state=State.GIVING)
    assert _agent(giving).get(f"{_space(giving)}apercu/").headers["Location"] == f"/campagnes/{giving.slug}/"


def test_the_rules_as_saved_share_an_example_of_a_fund(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    draft = a_round(state=State.DRAFT, fund=0)
    client = _agent(draft)
    client.get(f"{_space(draft)}essai/")
    with django_assert_max_num_queries(16):
        page = client.get(f"{_space(draft)}essai/")
    context = page.context
    assert context["is_usual_fund"]
    assert context["fund"] == 1_000_000
    own, bare, in_proportion = context["panels"]
    assert len(context["table"]) == 12
    added = [sum(amounts[place] for _line, amounts in context["table"]) for place in (0, 1, 2)]
    assert all(0 < shared <= 1_000_000 for shared in added)
    assert bare["picture"] != in_proportion["picture"]
    assert own["held"], "the guarded rules hold projects back, and say which"
    assert not bare["held"]
    assert client.get(f"{_space(draft)}essai/?tirage=2").context["table"] != context["table"], "another crowd"


@pytest.mark.parametrize("draw", ["", "0", "-1", "1.5", "zwei", "99999999999", "²"])
def test_odd_numbers_of_draws_are_the_first(draw: str) -> None:
    draft = a_round(state=State.DRAFT)
    page = _agent(draft).get(f"{_space(draft)}essai/", {"tirage": draw})
    assert page.status_code == 200
    assert page.context["draw"] in range(1, 1000)


def test_the_simulator_goes_on_with_the_same_crowd_and_the_same_limits() -> None:
    draft = a_round(state=State.DRAFT, written_rules=PRESETS["guarded"].to_mapping())
    client = _agent(draft)
    tried = client.get(f"{_space(draft)}essai/?tirage=3").context
    simulated = client.get(tried["simulator"]).context
    assert simulated["world"].received == tried["world"].received
    assert len(simulated["panels"]) == 2, "the round’s own mechanism, and each euro alone"
    assert simulated["fund"] == tried["fund"]
    invented = draft.rules.to_mapping() | {"cap_at_need": False}  # nobody invents needs
    assert simulated["form"].rules.to_mapping() == invented
    assert urlsplit(tried["simulator"]).path == "/simulateur/"


def test_a_funder_of_the_trio_may_try_them_with_the_fund_that_was_signed_for() -> None:
    draft = a_signed_draft()
    agreement = Agreement.objects.filter(pot__fund__round=draft).select_related("funder").first()
    assert agreement is not None
    client = Client()
    client.force_login(an_agent(agreement.funder))
    page = client.get(f"/espace/{agreement.funder.slug}/campagnes/{draft.slug}/essai/")
    assert page.status_code == 200
    assert not page.context["is_usual_fund"]
