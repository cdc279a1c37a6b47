"""The life of a project as hypothesis walks it: whoever tries whatever, the table of states holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from abonde.core.editing import ChangedMeanwhile
from abonde.core.models import Event
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.projects import actions
from abonde.projects.models import Appeal, Project, Review, Verdict
from abonde.projects.queries import matching_projects, public_projects
from abonde.projects.states import TRANSITIONS, State
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from tests import factories
from tests.domain.projects import worlds

Deed = Callable[..., object]
OF_HOST: Final[dict[str, tuple[Deed, dict[str, Any]]]] = {
    "return": (actions.return_application, {"reasons": "Complétez."}),
    "admit": (actions.admit, {}),
    "select": (actions.select, {}),
    "refuse": (actions.refuse, {"reasons": "Non."}),
}
OF_HOLDER: Final[dict[str, tuple[Deed, dict[str, Any]]]] = {
    "save": (actions.save_application, {"changes": {"story": "Autre"}}),
    "submit": (actions.submit_application, {}),
    "appeal": (actions.appeal, {"text": "Si."}),
    "withdraw": (actions.withdraw_project, {}),
}
EVERYTHING: Final = OF_HOST | OF_HOLDER


class Life(RuleBasedStateMachine):
    """One project, its holder, two reviewers, a stranger."""

    @initialize(selecting=st.booleans())
    def begin(self, selecting: bool) -> None:
        self.round: Round = factories.a_round(state=RoundState.APPLICATIONS, has_selection=selecting)
        self.holder = factories.a_person()
        self.reviewers = [factories.an_agent(self.round.host, Role.REVIEWER) for _ in range(2)]
        self.stranger = factories.a_person()
        self.pk = worlds.a_complete_draft(self.round, self.holder).pk
        self.walked = [State.DRAFT]

    def project(self) -> Project:
        return Project.objects.get(pk=self.pk)

    def attempt(self, person: object, name: str) -> None:
        deed, more = EVERYTHING[name]
        before = self.project()
        try:
            deed(person=person, project_id=self.pk, seen=before.version, **more)
        except Refusal:
            after = self.project()
            assert (after.state, after.version) == (before.state, before.version)
        after = self.project()
        if after.state != before.state:
            self.walked.append(State(after.state))

    @rule(name=st.sampled_from(sorted(OF_HOST)), which=st.sampled_from([0, 1]))
    def host_acts(self, name: str, which: int) -> None:
        self.attempt(self.reviewers[which], name)

    @rule(name=st.sampled_from(["save", "submit", "submit", "appeal", "appeal"]))
    def holder_acts(self, name: str) -> None:
        self.attempt(self.holder, name)

    @rule()
    def holder_leaves(self) -> None:
        self.attempt(self.holder, "withdraw")

    @rule(name=st.sampled_from(sorted(EVERYTHING)))
    def stranger_acts(self, name: str) -> None:
        before = self.project().version
        self.attempt(self.stranger, name)
        assert self.project().version == before

    @rule(name=st.sampled_from(sorted(EVERYTHING)))
    def old_page(self, name: str) -> None:
        deed, more = EVERYTHING[name]
        seen = self.project().version - 1
        person = self.holder if name in OF_HOLDER else self.reviewers[0]
        with pytest.raises(ChangedMeanwhile):
            deed(person=person, project_id=self.pk, seen=seen, **more)

    @invariant()
    def the_table_holds(self) -> None:
        for before, after in zip(self.walked, self.walked[1:], strict=False):
            direct = after in TRANSITIONS[before]
            at_once = State.ADMITTED in TRANSITIONS[before] and after == State.SELECTED
            assert direct or (at_once and not self.round.has_selection)

    @invariant()
    def what_is_selected_and_nothing_else_is_matched(self) -> None:
        selected = self.project().state == State.SELECTED
        assert [one.pk for one in public_projects(self.round)] == ([self.pk] if selected else [])
        assert len(matching_projects(self.round)) == selected

    @invariant()
    def each_change_left_an_event(self) -> None:
        moved = Event.objects.filter(
            subject_type="projects.project", subject_id=str(self.pk), before__has_key="state"
        ).order_by("id")
        assert [event.before["state"] for event in moved if event.before] == [
            *self._with_steps_between()[:-1]
        ]

    @invariant()
    def at_most_one_appeal_and_never_its_author_decides(self) -> None:
        appeals = list(Appeal.objects.filter(review__project=self.pk).select_related("review"))
        assert len(appeals) <= 1
        for appeal in appeals:
            later = Review.objects.filter(
                project=self.pk, pk__gt=appeal.review.pk, verdict__in=[Verdict.ADMIT, Verdict.REFUSE]
            ).order_by("pk")
            if first := later.first():
                assert first.reviewer_id != appeal.review.reviewer_id

    def _with_steps_between(self) -> list[State]:
        steps: list[State] = []
        for state in self.walked:
            if state == State.SELECTED and steps[-1] != State.ADMITTED:
                steps.append(State.ADMITTED)
            steps.append(state)
        return steps


@pytest.mark.usefixtures("database")
def test_a_project_lives_by_its_table() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
