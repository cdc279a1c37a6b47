"""Whatever people and the clock do in whatever order, a round is in the state that its table and its trio allow."""

from __future__ import annotations

from typing import ClassVar

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Kind, Organisation
from abonde.rounds.actions import (
    accept_party,
    advance_round,
    cancel_round,
    edit_round_identity,
    invite_party,
    leave_round,
    open_round,
    sign_text,
    write_rules_text,
)
from abonde.rounds.models import Round
from abonde.rounds.queries import part_in, signers_of
from abonde.rounds.readiness import NotReady
from abonde.rounds.rules_text import current_text
from abonde.rounds.signing import missing_signatures
from abonde.rounds.states import TRANSITIONS, State
from tests.factories import a_round, an_organisation, the_manager

NAMES = st.sampled_from(["Vallée", "Plateau"])


def pass_days(made: Round, days: int) -> None:
    """Time goes on: the whole calendar lies that much further back. The frozen dates are moved behind the guard's back."""
    dates = ("applications_open_at", "applications_close_at", "giving_opens_at", "giving_closes_at")
    shifts = ", ".join(f"{date} = {date} - make_interval(days => %s)" for date in dates)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rounds_round DISABLE TRIGGER rounds_frozen")
        cursor.execute(f"UPDATE rounds_round SET {shifts} WHERE id = %s", [*[days] * len(dates), made.pk])
        cursor.execute("ALTER TABLE rounds_round ENABLE ALWAYS TRIGGER rounds_frozen")


class Life(RuleBasedStateMachine):
    """The model knows the state, what the draft says, and who has signed which saying."""

    further: ClassVar[Organisation]

    def __init__(self) -> None:
        super().__init__()
        self.made = a_round(state=State.DRAFT, name="Vallée")
        self.manager = the_manager(self.made.host)
        self.orgs = signers_of(self.made)
        self.state = State.DRAFT
        self.signed: dict[tuple[object, ...], set[int]] = {}

    @property
    def saying(self) -> tuple[object, ...]:
        """What the draft says, as far as this machine changes it."""
        return (self.made.name, tuple(one.pk for one in self.orgs))

    def refused_unless_draft(self, act: object) -> None:
        if self.state == State.DRAFT:
            act()  # type: ignore[operator]
        else:
            with pytest.raises(NotNow):
                act()  # type: ignore[operator]

    @rule(name=NAMES)
    def rename(self, name: str) -> None:
        def act() -> None:
            self.made = edit_round_identity(
                person=self.manager,
                round_id=self.made.pk,
                seen=None,
                name=name,
                summary="Des projets.",
                description="",
            )

        self.refused_unless_draft(act)

    @rule()
    def join_or_leave(self) -> None:
        party = part_in(self.made, self.further)
        if party is not None:
            self.refused_unless_draft(lambda: leave_round(person=self.manager, party_id=party.pk))
        elif self.state == State.DRAFT:
            invited = invite_party(person=self.manager, round=self.made, organisation=self.further)
            accept_party(person=the_manager(self.further), party_id=invited.pk)
        self.orgs = signers_of(self.made)

    @rule()
    def write(self) -> None:
        def act() -> None:
            write_rules_text(person=self.manager, round=self.made)
            self.signed.setdefault(self.saying, set())

        self.refused_unless_draft(act)

    @rule(place=st.integers(0, 3))
    def sign(self, place: int) -> None:
        organisation = self.orgs[place % len(self.orgs)]
        text = current_text(self.made)
        assert (text is not None) == (self.saying in self.signed)
        if text is None:
            return
        if self.state == State.DRAFT:
            sign_text(person=the_manager(organisation), organisation=organisation, text=text)
            self.signed[self.saying].add(organisation.pk)
        elif organisation.pk not in self.signed[self.saying]:
            with pytest.raises(NotNow):
                sign_text(person=the_manager(organisation), organisation=organisation, text=text)

    @rule()
    def open(self) -> None:
        complete = self.signed.get(self.saying) == {one.pk for one in self.orgs}
        if self.state == State.DRAFT and not complete:
            with pytest.raises(NotReady):
                open_round(person=self.manager, round=self.made)
            return
        self.refused_unless_draft(lambda: open_round(person=self.manager, round=self.made))
        if self.state == State.DRAFT:
            self.state = State.APPLICATIONS

    @precondition(lambda self: self.signed)
    @rule(sure=st.integers(0, 9))
    def give_up(self, sure: int) -> None:
        if sure:
            return
        self.refused_unless_draft(lambda: cancel_round(person=self.manager, round=self.made))
        if self.state == State.DRAFT:
            self.state = State.CANCELLED

    @precondition(lambda self: self.state in {State.APPLICATIONS, State.GIVING, State.CLOSED})
    @rule(days=st.integers(1, 25))
    def days_pass(self, days: int) -> None:
        pass_days(self.made, days)
        advance_round(self.made.pk)
        self.made.refresh_from_db()
        opens, closes = self.made.giving_opens_at, self.made.giving_closes_at
        assert opens is not None
        assert closes is not None
        passed = [opens.timestamp(), closes.timestamp()]
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            now = float(cursor.fetchone()[0])
        self.state = (State.APPLICATIONS, State.GIVING, State.CLOSED)[sum(at <= now for at in passed)]

    @rule(state=st.sampled_from(State))
    def attack(self, state: State) -> None:
        """Written past every action, a move that the table does not know is refused all the same."""
        if state in {self.state, *TRANSITIONS[self.state]}:
            return
        with pytest.raises(DatabaseError), transaction.atomic():
            Round.objects.filter(pk=self.made.pk).update(state=state)

    @invariant()
    def state_is_as_told(self) -> None:
        self.made.refresh_from_db()
        assert self.made.state == self.state

    @invariant()
    def open_is_signed_by_all(self) -> None:
        self.made.refresh_from_db()
        opened = self.state not in {State.DRAFT, State.CANCELLED}
        assert (self.made.opened_with is not None) == opened
        if self.made.opened_with is not None:
            assert missing_signatures(self.made.opened_with, self.orgs) == []


def test_a_round_lives_by_its_table(database: None) -> None:
    Life.further = an_organisation(Kind.FUNDER)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_a_refusal_is_a_sentence(database: None) -> None:
    made = a_round(state=State.DRAFT, fund=0)
    with pytest.raises(NotReady) as caught:
        open_round(person=the_manager(made.host), round=made)
    assert isinstance(caught.value, Refusal)
    assert "signs what it brings" in str(caught.value) or "Open the fund" in str(caught.value)
