"""Gifts made, taken back and unmatched by the real actions: the last estimate is the result."""

from __future__ import annotations

from abonde.giving.actions import take_back_contributions
from abonde.giving.models import ContributionState
from abonde.giving.queries import estimate_of
from abonde.matching import PRESETS
from abonde.register.actions import revoke_certificate
from abonde.register.models import Certificate
from abonde.rounds.actions import move
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.settlement.actions import compute_result
from abonde.settlement.models import Computation
from abonde.settlement.queries import differences
from tests.factories import a_person, a_project, a_round, a_settled_gift, the_manager


def computed(round_: Round, reason: str) -> Computation:
    """A computation, which is what the estimate said."""
    computation = compute_result(round=round_, reason=reason, person=the_manager(round_.host))
    estimate = estimate_of(round_)
    for line in computation.lines.select_related("project"):
        assert line.matching == estimate.added(line.project.key)
    return computation


def test_the_estimate_at_the_close_is_the_result_and_what_is_taken_back_changes_it(database: None) -> None:
    round_ = a_round(state=State.GIVING, written_rules=PRESETS["plain"].to_mapping())
    garden, seeds = a_project(round_, name="Jardin"), a_project(round_, name="Semences")
    givers = [a_person() for _ in range(5)]
    pledges = [a_settled_gift(garden, 1_000 + 300 * place, person=one) for place, one in enumerate(givers)]
    for one in givers[:3]:
        a_settled_gift(seeds, 2_000, person=one)
    a_settled_gift(seeds, 7_000, voice=False)
    move(round=round_, state=State.CLOSED)
    first = computed(round_, "Premier calcul")
    assert first.matching == 1_000_000
    assert first.voices == 5
    assert first.received == 8_000 + 6_000 + 7_000

    take_back_contributions(pledge=pledges[4], state=ContributionState.CHARGED_BACK)
    second = computed(round_, "Un paiement repris par la banque")
    changed = {one.project.pk: one for one in differences(second)}
    assert (changed[garden.pk].received, changed[garden.pk].persons) == (-2_200, -1)
    assert not changed[seeds.pk].is_own

    certificate = Certificate.objects.get(person=givers[3], register=round_.register)
    revoke_certificate(
        person=the_manager(certificate.register.owner), certificate=certificate, reason="Deux comptes"
    )
    third = computed(round_, "Une voix retirée")
    assert third.number == 3
    changed = {one.project.pk: one for one in differences(third)}
    assert (changed[garden.pk].received, changed[garden.pk].persons) == (0, -1)
