from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from abonde.core.clock import present_time
from abonde.core.editing import ChangedMeanwhile
from abonde.core.models import Event
from abonde.core.transitions import NotNow
from abonde.matching.amounts import LARGEST_POT, Cents
from abonde.matching.refusal import Refusal
from abonde.notifications.models import Letter
from abonde.organisations.models import Role
from abonde.organisations.permissions import NotAllowed
from abonde.projects import actions
from abonde.projects.applying import lacking
from abonde.projects.models import LegalPerson, Project
from abonde.projects.queries import history_of
from abonde.projects.rules import LARGEST_NEED, MOST_APPLICATIONS, MOST_LINES
from abonde.projects.states import State
from abonde.projects.writing import Changes
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from tests import factories
from tests.domain.projects import worlds

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def open_round(database: None) -> Round:
    return factories.a_round(state=RoundState.APPLICATIONS)


def letters(kind: str, project: Project) -> set[object]:
    return set(
        Letter.objects.filter(kind=kind, values__project_id=project.pk).values_list("person", flat=True)
    )


def test_a_draft_may_lack_anything_and_says_it_all_at_once(open_round: Round) -> None:
    person = factories.a_person()
    draft = worlds.a_draft(open_round, person)
    assert draft.state == State.DRAFT
    assert draft.slug == "repair-cafe"
    with pytest.raises(actions.NotComplete) as refused:
        actions.submit_application(person=person, project_id=draft.pk, seen=draft.version)
    assert len(refused.value.refusals) == 12
    draft = actions.save_application(
        person=person, project_id=draft.pk, seen=draft.version, changes=worlds.everything(open_round)
    )
    assert lacking(draft) == []
    handed = actions.submit_application(person=person, project_id=draft.pk, seen=draft.version)
    assert handed.state == State.SUBMITTED
    assert handed.submitted_at is not None


def test_what_somebody_writes_in_a_row_is_one_line_of_the_history(open_round: Round) -> None:
    person = factories.a_person()
    draft = worlds.a_draft(open_round, person)
    for summary in ("Repair", "Repair together", "Repair together, every week"):
        changes: Changes = {"summary": summary}
        draft = actions.save_application(
            person=person, project_id=draft.pk, seen=draft.version, changes=changes
        )
    assert [deed.verb for deed in history_of(draft)] == ["save_application", "start_application"]


@pytest.mark.parametrize(
    ("ideal", "sentence"),
    [(290_000, "100.00 € more than the ideal"), (310_000, "100.00 € less than the ideal")],
)
def test_a_budget_that_does_not_add_up_says_by_how_much(open_round: Round, ideal: int, sentence: str) -> None:
    person = factories.a_person()
    draft = worlds.a_complete_draft(open_round, person)
    changes: Changes = {"need_ideal": Cents(ideal)}
    draft = actions.save_application(person=person, project_id=draft.pk, seen=draft.version, changes=changes)
    with pytest.raises(actions.NotComplete, match=sentence):
        actions.submit_application(person=person, project_id=draft.pk, seen=draft.version)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " \u202e\0 "}, "Give the project a name"),
        ({"name": "x" * 121}, "121 characters"),
        ({"summary": "x" * 281}, "281 characters"),
        ({"story": "𝔛" * 20_001}, "20001 characters"),
        ({"place": "75056"}, "Choose a commune in the territory"),
        ({"place": "'; DROP TABLE"}, "Choose a commune in the territory"),
        ({"need_minimum": Cents(0)}, "more than zero"),
        ({"need_ideal": Cents(-1)}, "more than zero"),
        ({"need_ideal": Cents(10**12)}, "at most 100000000.00 €"),
        ({"need_ideal": LARGEST_POT}, "at most 100000000.00 €"),
        ({"need_minimum": Cents(2), "need_ideal": Cents(1)}, "cannot be more than the ideal"),
        ({"budget": [("Outils", Cents(0))]}, "more than zero"),
        ({"budget": [("Outils", Cents(LARGEST_NEED + 1))]}, "at most"),
        ({"budget": [("\0", Cents(100))]}, "Say what the 1.00 € are for"),
        ({"budget": [("Outils", Cents(1))] * (MOST_LINES + 1)}, "at most 40 lines"),
        ({"legal": worlds.LEGAL | {"siren": "123456789"}}, "not a SIREN"),
        ({"legal": worlds.LEGAL | {"iban": "FR00"}}, "not an IBAN"),
        (
            {"legal": worlds.LEGAL | {"siret": "73282932000074", "siren": "552100554"}},
            "belong to different bodies",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    open_round: Round, changes: Changes, sentence: str
) -> None:
    person = factories.a_person()
    draft = worlds.a_complete_draft(open_round, person)
    with pytest.raises(Refusal, match=sentence):
        actions.save_application(person=person, project_id=draft.pk, seen=draft.version, changes=changes)
    again = Project.objects.get(pk=draft.pk)
    assert (again.version, again.name, again.need_ideal) == (draft.version, draft.name, 300_000)
    assert again.budget_lines.count() == 2


def test_odd_characters_are_kept_or_left_out(open_round: Round) -> None:
    person = factories.a_person()
    draft = worlds.a_draft(open_round, person)
    changes: Changes = {"name": "🥖\u202e قهوة\0", "story": "𝔄\r\n\r\n<script>alert(1)</script>"}
    saved = actions.save_application(person=person, project_id=draft.pk, seen=draft.version, changes=changes)
    saved.refresh_from_db()
    assert (saved.name, saved.story) == ("🥖 قهوة", "𝔄\n\n<script>alert(1)</script>")
    assert saved.slug == "projet"


def test_addresses_are_unique_and_never_those_of_pages(open_round: Round) -> None:
    names = ["Déposer", "Deposer!", "Jardin", "Jardin", "Jardin", "Jardin 2", "Jardin"]
    made = [
        actions.start_application(person=factories.a_person(), round=open_round, name=name).slug
        for name in names
    ]
    assert made == [
        "deposer-2",
        "deposer-3",
        "jardin",
        "jardin-2",
        "jardin-3",
        "jardin-2-2",
        "jardin-4",
    ]


def test_two_tabs_do_not_overwrite_each_other(open_round: Round) -> None:
    person = factories.a_person()
    draft = worlds.a_draft(open_round, person)
    seen = draft.version
    first: Changes = {"story": "first"}
    second: Changes = {"story": "second"}
    actions.save_application(person=person, project_id=draft.pk, seen=seen, changes=first)
    with pytest.raises(ChangedMeanwhile):
        actions.save_application(person=person, project_id=draft.pk, seen=seen, changes=second)
    draft.refresh_from_db()
    assert draft.story == "first"


def test_only_holders_write_and_hand_in(open_round: Round) -> None:
    draft = worlds.a_complete_draft(open_round, factories.a_person())
    stranger, manager = factories.a_person(), factories.the_manager(open_round.host)
    for other in (stranger, manager):
        with pytest.raises(NotAllowed):
            actions.save_application(
                person=other, project_id=draft.pk, seen=draft.version, changes={"story": "mine"}
            )
        with pytest.raises(NotAllowed):
            actions.submit_application(person=other, project_id=draft.pk, seen=draft.version)
        with pytest.raises(NotAllowed):
            actions.withdraw_project(person=other, project_id=draft.pk, seen=draft.version)


def test_what_is_handed_in_stays_as_it_is(open_round: Round) -> None:
    person = factories.a_person()
    handed = worlds.a_submitted(open_round, person)
    with pytest.raises(NotNow, match="has been submitted"):
        actions.save_application(
            person=person, project_id=handed.pk, seen=handed.version, changes={"story": "other"}
        )
    with pytest.raises(NotNow):
        actions.submit_application(person=person, project_id=handed.pk, seen=handed.version)


@pytest.mark.parametrize("state", [RoundState.DRAFT, RoundState.SELECTION, RoundState.GIVING])
def test_no_application_outside_its_time(state: RoundState) -> None:
    with pytest.raises(NotNow, match="takes no applications now"):
        worlds.a_draft(factories.a_round(state=state), factories.a_person())


def test_the_clock_of_the_database_closes_applications(database: None) -> None:
    """The state follows within a minute; the hour itself decides."""
    person = factories.a_person()
    end = present_time() + timedelta(seconds=2)
    closing = factories.a_round(state=RoundState.APPLICATIONS, applications_close_at=end)
    draft = worlds.a_complete_draft(closing, person)
    while present_time() < end:
        time.sleep(0.1)
    with pytest.raises(NotNow):
        actions.submit_application(person=person, project_id=draft.pk, seen=draft.version)
    with pytest.raises(NotNow):
        worlds.a_draft(closing, person)


def test_one_person_begins_only_so_many(open_round: Round) -> None:
    person = factories.a_person()
    for number in range(MOST_APPLICATIONS):
        actions.start_application(person=person, round=open_round, name=f"Projet {number}")
    with pytest.raises(Refusal, match="continue one of them"):
        worlds.a_draft(open_round, person)


def test_a_double_click_begins_one_draft(open_round: Round) -> None:
    person, other = factories.a_person(), factories.a_person()
    first, again = worlds.a_draft(open_round, person), worlds.a_draft(open_round, person)
    assert first == again
    assert worlds.a_draft(open_round, other) != first
    actions.save_application(person=person, project_id=first.pk, seen=1, changes={"story": "begun"})
    assert worlds.a_draft(open_round, person) != first


def test_letters_and_events_of_a_hand_in(open_round: Round) -> None:
    person = factories.a_person()
    manager = factories.the_manager(open_round.host)
    reviewer = factories.an_agent(open_round.host, Role.REVIEWER)
    factories.an_agent(open_round.host, Role.READER)
    factories.an_agent(open_round.host, Role.TREASURER)
    handed = worlds.a_submitted(open_round, person)
    assert letters("project-submitted", handed) == {manager.pk, reviewer.pk}
    assert letters("project-received", handed) == {person.pk}
    events = Event.objects.filter(subject_type="projects.project", subject_id=str(handed.pk)).order_by("id")
    assert [event.verb for event in events] == ["start_application", "save_application", "submit_application"]
    assert {event.tenant for event in events} == {open_round.host.reference}
    assert events[2].before == {"state": "draft"}
    assert "Réparer" not in str([event.after for event in events])


def test_postgresql_holds_what_a_handed_in_application_is(open_round: Round) -> None:
    draft = worlds.a_draft(open_round, factories.a_person())
    with pytest.raises(IntegrityError, match="projects_submitted_is_complete"), transaction.atomic():
        Project.objects.filter(pk=draft.pk).update(state=State.SUBMITTED)
    with pytest.raises(IntegrityError, match="cannot go from draft to selected"), transaction.atomic():
        Project.objects.filter(pk=draft.pk).update(
            state=State.SELECTED, summary="a", story="b", need_minimum=1, need_ideal=2
        )


@pytest.mark.parametrize(
    "columns",
    [
        {"siren": "12"},
        {"siret": "1"},
        {"siren": "552100554", "siret": "73282932000074"},
        {"rna": "X"},
    ],
)
def test_postgresql_holds_the_form_of_numbers(open_round: Round, columns: dict[str, str]) -> None:
    legal = LegalPerson.objects.filter(project=worlds.a_draft(open_round, factories.a_person()))
    with pytest.raises(IntegrityError, match="projects_"), transaction.atomic():
        legal.update(**columns)


def test_where_a_project_banks_is_not_readable_in_the_database(open_round: Round) -> None:
    project = worlds.a_complete_draft(open_round, factories.a_person())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(legal)::text FROM projects_legalperson legal WHERE project_id = %s",
            [project.pk],
        )
        (stored,) = cursor.fetchone()
    assert project.legal_person.name in stored
    assert "2004101005" not in stored
    assert LegalPerson.objects.get(project=project).iban == "FR1420041010050500013M02606"
