import pytest

from abonde.funds.queries import accounts_of, fund_total, pots_of, pots_with_money
from abonde.rounds.queries import signers_of
from abonde.rounds.states import State
from tests.factories import WAY_TO, a_round


@pytest.mark.parametrize("state", list(WAY_TO))
def test_a_round_stands_in_each_state_with_its_trio_and_its_money(database: None, state: State) -> None:
    made = a_round(state=state)
    assert made.state == state
    assert [one.kind for one in signers_of(made)] == ["host", "certifier", "funder"]
    assert fund_total(made) == pots_of(made)[0].amount == pots_with_money(made)[0].signed == 1_000_000
    assert {"bank", "fees", "gifts", "clearing:sandbox"} < set(accounts_of(made))
