"""Pure decisions about applications: what is lacking, who may decide, when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from abonde.matching.amounts import Cents, Euros
from abonde.matching.refusal import Refusal
from abonde.projects.models import BudgetLine, LegalPerson, Project
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState

LARGEST_NEED: Final = Cents(10_000_000_000)
"""A hundred million euros: more is a mistake."""
MOST_LINES: Final = 40
LONGEST_LEGAL_NAME: Final = 200
LONGEST_FORM: Final = 80
LONGEST_ACCOUNT_NAME: Final = 140
MOST_APPLICATIONS: Final = 10
"""What one person may have begun in one round."""

EDITABLE: Final = frozenset({State.DRAFT, State.RETURNED})
"""What its holders may still write."""
DECIDING: Final = frozenset({RoundState.APPLICATIONS, RoundState.SELECTION, RoundState.GIVING})
"""While the round is in these states the host decides: an appeal may last into the time of giving."""
LEAVING: Final = DECIDING | {RoundState.CLOSED, RoundState.PROVISIONAL}
"""A project may leave until the result is final."""


class Part(StrEnum):
    """The parts of an application, in their order."""

    PROJECT = "project"
    PICTURES = "pictures"
    BUDGET = "budget"
    HOLDER = "holder"
    COMMITMENTS = "commitments"


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """What an application lacks before it can be submitted, and in which part."""

    part: Part
    refusal: Refusal


def shortcomings(
    project: Project, *, lines: Sequence[BudgetLine], legal: LegalPerson | None, has_challenges: bool
) -> list[Shortcoming]:
    """Everything that is lacking, in the order of the parts. Empty: it can be submitted."""
    return [
        *(Shortcoming(Part.PROJECT, lack) for lack in _of_story(project, has_challenges=has_challenges)),
        *(Shortcoming(Part.BUDGET, lack) for lack in _of_budget(project, lines)),
        *(Shortcoming(Part.HOLDER, lack) for lack in _of_holder(legal)),
        *(Shortcoming(Part.COMMITMENTS, lack) for lack in _of_commitments(project)),
    ]


def _of_story(project: Project, *, has_challenges: bool) -> Iterator[Refusal]:
    if not project.summary:
        yield Refusal("Say in one or two sentences what the project is.")
    if not project.story:
        yield Refusal("Tell the story of the project: for whom, with whom, how.")
    if has_challenges and project.challenge_id is None:
        yield Refusal("Choose the challenge that the project answers.")
    if not project.place:
        yield Refusal("Choose the commune where the project takes place.")


def _of_budget(project: Project, lines: Sequence[BudgetLine]) -> Iterator[Refusal]:
    if project.need_minimum is None:
        yield Refusal("Write the smallest amount with which the project can begin.")
    if project.need_ideal is None:
        yield Refusal("Write the amount with which the project can be done in full.")
        return
    total = sum(line.amount for line in lines)
    if not lines:
        yield Refusal("Write down what the money is for, line by line.")
    elif total != project.need_ideal:
        difference = total - project.need_ideal
        amounts = {
            "total": Euros(total),
            "difference": Euros(abs(difference)),
            "ideal": Euros(project.need_ideal),
        }
        if difference > 0:
            yield Refusal(
                "The lines of the budget come to {total}: {difference} more than the ideal amount of {ideal}.",
                **amounts,
            )
        else:
            yield Refusal(
                "The lines of the budget come to {total}: {difference} less than the ideal amount of {ideal}.",
                **amounts,
            )


def _of_holder(legal: LegalPerson | None) -> Iterator[Refusal]:
    if legal is None or not legal.name:
        yield Refusal("Name the association, company or public body that would receive the money.")
    if legal is None or not (legal.siren or legal.siret or legal.rna):
        yield Refusal("Give its SIREN, SIRET or RNA number.")
    if legal is None or not legal.address:
        yield Refusal("Give the address of its seat.")
    if legal is None or not legal.iban:
        yield Refusal("Give the IBAN of its account.")


def _of_commitments(project: Project) -> Iterator[Refusal]:
    if not project.licence:
        yield Refusal("Choose the licence under which you share the results.")
    if not project.ties:
        yield Refusal(
            "Say what links you to the foundation, the local authority or a funder; “none” is an answer."
        )


def decided_by_other(*, reviewer: UUID, first: UUID | None, able: Collection[UUID]) -> bool:
    """Whether an appeal against the decision of `first` must wait for somebody else among the `able`."""
    return reviewer == first and any(other != first for other in able)
