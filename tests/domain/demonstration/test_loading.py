"""The demonstration holds what it shows: a round in each state, books in balance, totals that are right."""

from __future__ import annotations

import pytest

from abonde.demonstration.cast import ORGANISATIONS, PARTS, Cast
from abonde.demonstration.loading import is_loaded
from abonde.demonstration.models import DemonstrationAccount
from abonde.demonstration.plan import MAIN, ROUNDS
from abonde.demonstration.second_factor import code_of_the_moment
from abonde.giving.actions import rebuild_totals
from abonde.giving.queries import estimate_of, totals_of
from abonde.ledger.queries import balance_of, check_book
from abonde.organisations.models import Organisation
from abonde.projects.models import Project
from abonde.rounds.models import Round, Subject
from abonde.rounds.queries import texts_of
from abonde.rounds.signing import checked_signatures
from abonde.rounds.states import State

pytestmark = [pytest.mark.usefixtures("database", "cast"), pytest.mark.xdist_group("demonstration")]


def demonstrated() -> list[Round]:
    return list(Round.objects.filter(slug__in=[plan.slug for plan in ROUNDS]))


def test_there_is_a_round_in_each_state_of_the_plan() -> None:
    assert is_loaded()
    assert {one.slug: one.state for one in demonstrated()} == {plan.slug: plan.state for plan in ROUNDS}


def test_the_main_round_is_alive() -> None:
    main = Round.objects.get(slug=MAIN)
    projects = Project.objects.filter(round=main)
    assert projects.count() == 40
    assert all(project.attachments.count() == 1 for project in projects)
    totals = totals_of(main)
    assert totals.givers > 1500
    assert sum(estimate_of(main).allocation.matching.values()) > 1_000_000


def test_books_are_in_balance_and_totals_right() -> None:
    for one in demonstrated():
        if one.state == State.DRAFT:
            continue
        assert not check_book(one.fund.book).faults
        assert rebuild_totals(one) == []


def test_the_money_of_a_final_round_is_with_its_projects() -> None:
    final = Round.objects.get(slug="premiers-communs")
    result = final.computations.latest("number")
    held = {
        account.key: balance_of(account)
        for account in final.fund.book.accounts.filter(key__startswith="project:")
    }
    assert held == {
        f"project:{line.project.key}": line.received + line.matching
        for line in result.lines.select_related("project")
    }


def test_every_signature_holds() -> None:
    for one in demonstrated():
        if one.state == State.DRAFT:
            continue
        text = texts_of(one, Subject.RULES)[0]
        assert [signed.holds for signed in checked_signatures(text)] == [True] * len(ORGANISATIONS)


def test_a_visitor_can_become_everybody(cast: Cast) -> None:
    assert DemonstrationAccount.objects.filter(person__in=cast.people.values()).count() == len(PARTS)
    assert set(cast.organisations) == set(
        Organisation.objects.filter(slug__in=ORGANISATIONS).values_list("slug", flat=True)
    )
    for part in PARTS:
        assert (len(code_of_the_moment(cast.people[part.key])) == 6) == bool(part.organisation)
