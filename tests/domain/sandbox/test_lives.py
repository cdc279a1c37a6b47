"""The life of a check-out as hypothesis walks it: whatever is tried, the table and the sums hold."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

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

from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal
from abonde.payments.adapters.sandbox import Sandbox
from abonde.sandbox.actions import choose, pay_when_due, refund
from abonde.sandbox.models import Checkout, Delivery, Manner
from abonde.sandbox.states import TRANSITIONS, Choice, State
from tests.domain.sandbox.worlds import SECRET, a_checkout

AMOUNT = 30


class Life(RuleBasedStateMachine):
    """One check-out, a visitor who tries everything, a merchant who sends back, the clock."""

    @initialize()
    def begin(self) -> None:
        self.pk = a_checkout(amount=AMOUNT).pk
        self.walked = [State.OPEN]
        self.refunds: dict[str, int] = {}
        self.told = 0

    def checkout(self) -> Checkout:
        return Checkout.objects.get(pk=self.pk)

    def note(self) -> bool:
        state = State(self.checkout().state)
        if state == self.walked[-1]:
            return False
        self.walked.append(state)
        return True

    @rule(choice=st.sampled_from(Choice), manner=st.sampled_from(Manner))
    def visitor(self, choice: Choice, manner: Manner) -> None:
        left = AMOUNT - self.checkout().refunded
        try:
            choose(checkout_id=self.pk, choice=choice, manner=manner, delay=timedelta(0))
        except Refusal:
            assert not self.note()
        else:
            changed = self.note()
            self.count(has_changed=changed)
            if changed and choice == Choice.SEND_BACK:
                self.refunds["at the provider's own desk"] = left

    @rule()
    def clock(self) -> None:
        pay_when_due(checkout_id=self.pk)
        self.count(has_changed=self.note())

    @rule(key=st.sampled_from("abc"), amount=st.integers(-1, AMOUNT + 1))
    def merchant(self, key: str, amount: int) -> None:
        try:
            refund(checkout_id=self.pk, merchant_key=f"{self.pk} {key}", amount=Cents(amount))
        except Refusal:
            assert not self.note()
        else:
            self.note()
            self.count(has_changed=key not in self.refunds)
            self.refunds[key] = amount

    def count(self, *, has_changed: bool) -> None:
        told = {Manner.NEVER: 0, Manner.TWICE: 2, Manner.OUT_OF_ORDER: 2}.get(
            Manner(self.checkout().manner), 1
        )
        self.told += told if has_changed else 0

    @invariant()
    def the_table_holds(self) -> None:
        assert all(after in TRANSITIONS[before] for before, after in pairwise(self.walked))

    @invariant()
    def the_sums_hold(self) -> None:
        checkout = self.checkout()
        assert checkout.refunded == sum(self.refunds.values()) <= AMOUNT
        assert (checkout.state == State.REFUNDED) == (checkout.refunded == AMOUNT)
        assert (checkout.paid_at is not None) == (State.PAID in self.walked)

    @invariant()
    def each_change_is_on_its_way_to_the_merchant(self) -> None:
        assert Delivery.objects.filter(happening__checkout=self.pk).count() == self.told

    @invariant()
    def the_adapter_says_the_same(self) -> None:
        report = Sandbox(secret=SECRET).fetch(str(self.pk))
        assert (report.amount, report.refunded) == (AMOUNT, self.checkout().refunded)
        assert (report.paid_at is not None) == (State.PAID in self.walked)


@pytest.mark.usefixtures("database")
def test_a_checkout_lives_by_its_table() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
