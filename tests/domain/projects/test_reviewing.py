from __future__ import annotations

import threading

import pytest
from django.db import connection

from abonde.core.editing import ChangedMeanwhile
from abonde.core.transitions import NotNow
from abonde.ledger.models import Account
from abonde.matching.refusal import Refusal
from abonde.notifications.models import Letter
from abonde.organisations.models import Kind, Role
from abonde.organisations.permissions import NotAllowed
from abonde.people.models import Person
from abonde.projects import actions
from abonde.projects.guards import OtherReviewer
from abonde.projects.models import Project, Review, Verdict
from abonde.projects.queries import matching_projects, public_project, public_projects
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from tests import factories
from tests.domain.projects import worlds

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def open_round(database: None) -> Round:
    return factories.a_round(state=RoundState.APPLICATIONS)


@pytest.fixture
def holder(database: None) -> Person:
    return factories.a_person()


@pytest.fixture
def handed(open_round: Round, holder: Person) -> Project:
    return worlds.a_submitted(open_round, holder)


def told(kind: str, project: Project) -> set[object]:
    return set(
        Letter.objects.filter(kind=kind, values__project_id=project.pk).values_list("person", flat=True)
    )


def test_a_round_without_selection_selects_what_it_admits(handed: Project, holder: Person) -> None:
    reviewer = factories.an_agent(handed.round.host, Role.REVIEWER)
    project = actions.admit(person=reviewer, project_id=handed.pk, seen=handed.version)
    assert project.state == State.SELECTED
    assert Account.objects.filter(key=f"project:{project.slug}", book__fund__round=project.round).exists()
    assert told("project-selected", project) == {holder.pk}
    assert [one.pk for one in public_projects(project.round)] == [project.pk]
    assert public_project(project.round.slug, project.slug) == project
    (matched,) = matching_projects(project.round)
    assert (matched.key, matched.challenge, matched.place, matched.need) == (
        "repair-cafe",
        "nature",
        "26113",
        300_000,
    )


def test_a_round_with_selection_admits_first(holder: Person) -> None:
    choosing = factories.a_round(state=RoundState.APPLICATIONS, has_selection=True)
    handed = worlds.a_submitted(choosing, holder)
    manager = factories.the_manager(choosing.host)
    admitted = actions.admit(person=manager, project_id=handed.pk, seen=handed.version)
    assert admitted.state == State.ADMITTED
    assert not public_projects(choosing)
    with pytest.raises(Project.DoesNotExist):
        public_project(choosing.slug, admitted.slug)
    selected = actions.select(person=manager, project_id=handed.pk, seen=admitted.version, reasons="utile")
    assert selected.state == State.SELECTED
    assert told("project-admitted", selected) == told("project-selected", selected) == {holder.pk}


@pytest.mark.parametrize("verdict", [actions.return_application, actions.refuse])
@pytest.mark.parametrize("reasons", ["", " \u202e\0\n"])
def test_no_is_said_with_reasons(handed: Project, verdict: object, reasons: str) -> None:
    assert callable(verdict)
    manager = factories.the_manager(handed.round.host)
    with pytest.raises(Refusal, match="Give your reasons"):
        verdict(person=manager, project_id=handed.pk, seen=handed.version, reasons=reasons)
    assert not Review.objects.filter(project=handed).exists()


def test_what_is_returned_can_be_completed_and_handed_in_again(handed: Project, holder: Person) -> None:
    manager = factories.the_manager(handed.round.host)
    returned = actions.return_application(
        person=manager, project_id=handed.pk, seen=handed.version, reasons="Quel loyer ?"
    )
    letter = Letter.objects.get(kind="project-returned", person=holder)
    assert letter.values["reasons"] == "Quel loyer ?"
    saved = actions.save_application(
        person=holder, project_id=handed.pk, seen=returned.version, changes={"story": "Le loyer de la gare."}
    )
    again = actions.submit_application(person=holder, project_id=handed.pk, seen=saved.version)
    assert again.state == State.SUBMITTED


def test_who_may_decide(handed: Project, holder: Person) -> None:
    host = handed.round.host
    others = [
        holder,
        factories.a_person(),
        factories.an_agent(host, Role.READER),
        factories.an_agent(host, Role.TREASURER),
        factories.the_manager(factories.an_organisation(Kind.HOST)),
        *(factories.the_manager(party.organisation) for party in handed.round.parties.all()),
    ]
    for other in others:
        with pytest.raises(NotAllowed):
            actions.admit(person=other, project_id=handed.pk, seen=handed.version)
        with pytest.raises(NotAllowed):
            actions.refuse(person=other, project_id=handed.pk, seen=handed.version, reasons="non")
    assert not Review.objects.filter(project=handed).exists()


def test_a_tie_forbids_deciding(handed: Project) -> None:
    reviewer = factories.an_agent(handed.round.host, Role.REVIEWER)
    with pytest.raises(Refusal, match="Say what ties you"):
        actions.declare_conflict(person=reviewer, project_id=handed.pk, text=" ")
    actions.declare_conflict(person=reviewer, project_id=handed.pk, text="Ma sœur y travaille.")
    with pytest.raises(NotNow):
        actions.declare_conflict(person=reviewer, project_id=handed.pk, text="Encore.")
    with pytest.raises(OtherReviewer, match="declared a tie"):
        actions.admit(person=reviewer, project_id=handed.pk, seen=handed.version)
    with pytest.raises(NotAllowed):
        actions.declare_conflict(person=factories.a_person(), project_id=handed.pk, text="Rien.")


def test_an_agent_does_not_decide_about_their_own_project(open_round: Round) -> None:
    manager = factories.the_manager(open_round.host)
    own = worlds.a_submitted(open_round, manager)
    with pytest.raises(OtherReviewer, match="You run"):
        actions.admit(person=manager, project_id=own.pk, seen=own.version)
    assert told("project-submitted", own) == set()


def test_an_appeal_once_before_somebody_else(handed: Project, holder: Person) -> None:
    first = factories.the_manager(handed.round.host)
    second = factories.an_agent(handed.round.host, Role.REVIEWER)
    refused = actions.refuse(person=first, project_id=handed.pk, seen=handed.version, reasons="Hors sujet")
    with pytest.raises(Refusal, match="Say what the decision"):
        actions.appeal(person=holder, project_id=handed.pk, seen=refused.version, text="")
    actions.appeal(person=holder, project_id=handed.pk, seen=refused.version, text="C’est le sujet.")
    assert told("project-appealed", handed) == {first.pk, second.pk}
    handed.refresh_from_db()
    with pytest.raises(OtherReviewer, match="a colleague has to look"):
        actions.admit(person=first, project_id=handed.pk, seen=handed.version)
    again = actions.refuse(
        person=second, project_id=handed.pk, seen=handed.version, reasons="Toujours hors sujet"
    )
    with pytest.raises(NotNow, match="its decision stands"):
        actions.appeal(person=holder, project_id=handed.pk, seen=again.version, text="Et encore.")
    with pytest.raises(NotNow):
        actions.withdraw_project(person=holder, project_id=handed.pk, seen=again.version)


def test_the_only_reviewer_decides_the_appeal_too(handed: Project, holder: Person) -> None:
    only = factories.the_manager(handed.round.host)
    tied = factories.an_agent(handed.round.host, Role.REVIEWER)
    actions.declare_conflict(person=tied, project_id=handed.pk, text="Voisins.")
    refused = actions.refuse(person=only, project_id=handed.pk, seen=handed.version, reasons="Non")
    actions.appeal(person=holder, project_id=handed.pk, seen=refused.version, text="Si.")
    handed.refresh_from_db()
    project = actions.admit(person=only, project_id=handed.pk, seen=handed.version)
    assert project.state == State.SELECTED


def test_two_reviewers_at_once_decide_once(handed: Project) -> None:
    """Both have read the same version; one decides, the other is told."""
    reviewers = [factories.an_agent(handed.round.host, Role.REVIEWER) for _ in range(2)]
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def decide(reviewer: Person, verdict: Verdict) -> None:
        try:
            together.wait()
            if verdict == Verdict.ADMIT:
                actions.admit(person=reviewer, project_id=handed.pk, seen=handed.version)
            else:
                actions.refuse(person=reviewer, project_id=handed.pk, seen=handed.version, reasons="Non")
            outcomes.append("decided")
        except ChangedMeanwhile:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(reviewer, verdict))
        for reviewer, verdict in zip(reviewers, (Verdict.ADMIT, Verdict.REFUSE), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", "told"]
    assert Review.objects.filter(project=handed).count() == 1


def test_decisions_end_with_the_time_of_giving(holder: Person) -> None:
    closed = factories.a_round(state=RoundState.CLOSED)
    late = factories.a_project(closed, state=State.SUBMITTED, holder=holder)
    with pytest.raises(NotNow, match="past the time of choosing"):
        actions.admit(person=factories.the_manager(closed.host), project_id=late.pk, seen=late.version)


@pytest.mark.parametrize("state", [RoundState.GIVING, RoundState.CLOSED, RoundState.PROVISIONAL])
def test_a_public_project_withdrawn_keeps_its_page(state: RoundState, holder: Person) -> None:
    project = factories.a_project(factories.a_round(state=state), holder=holder)
    gone = actions.withdraw_project(person=holder, project_id=project.pk, seen=project.version)
    assert gone.state == State.WITHDRAWN
    assert public_project(gone.round.slug, gone.slug) == gone
    assert not public_projects(gone.round)
    assert matching_projects(gone.round) == []
    assert told("project-withdrawn", gone) == {factories.the_manager(gone.round.host).pk}


def test_a_final_result_keeps_its_projects(holder: Person) -> None:
    project = factories.a_project(factories.a_round(state=RoundState.FINAL), holder=holder)
    with pytest.raises(NotNow, match="is final"):
        actions.withdraw_project(person=holder, project_id=project.pk, seen=project.version)
