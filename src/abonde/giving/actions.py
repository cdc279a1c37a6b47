"""What is done with gifts: checked out, settled, failed, taken back. Each action is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.db.transaction import atomic

from abonde.core.clock import present_time
from abonde.core.editing import ChangedMeanwhile
from abonde.core.events import record_event
from abonde.core.postgresql.asking import ask, tell
from abonde.core.prepared import insert_row, insert_rows, prepared
from abonde.core.transitions import NotNow
from abonde.giving.baskets import (
    basket_for,
    basket_of,
    check_amount,
    closed,
    join_baskets,
    lines_of,
    put_in_basket,
    take_out,
)
from abonde.giving.models import (
    CONTRIBUTION_TRANSITIONS,
    Basket,
    BasketLine,
    Contribution,
    ContributionState,
    Pledge,
)
from abonde.giving.rebuilding import measure_links, rebuild_totals
from abonde.giving.totals import add_money, refresh_person
from abonde.matching.refusal import Refusal, Refusals
from abonde.people.models import Person
from abonde.projects.states import State
from abonde.rounds.queries import is_open_for_gifts

__all__ = (
    "basket_for",
    "basket_of",
    "bring_back_contributions",
    "checkout",
    "fail_contributions",
    "join_baskets",
    "mark_paid",
    "measure_links",
    "put_in_basket",
    "rebuild_totals",
    "refresh_person",
    "settle_contributions",
    "take_back_contributions",
    "take_out",
)

_MOVE: Final = """
    UPDATE giving_contribution gift
    SET state = %(state)s, settled_at = CASE WHEN %(settled)s THEN transaction_timestamp() ELSE settled_at END
    FROM projects_project project
    WHERE project.id = gift.project_id AND gift.pledge_id = %(pledge)s AND gift.state = ANY(%(before)s)
      AND (%(only)s::bigint[] IS NULL OR gift.id = ANY(%(only)s::bigint[]))
    RETURNING gift.project_id, project.slug, gift.amount"""
_EMPTY: Final = """
    WITH paid AS (
        DELETE FROM giving_basketline line USING giving_contribution gift
        WHERE line.basket_id = %(basket)s AND gift.pledge_id = %(pledge)s
          AND gift.project_id = line.project_id AND gift.amount = line.amount
        RETURNING line.id
    )
    UPDATE giving_basket SET version = version + 1 WHERE id = %(basket)s AND EXISTS (SELECT FROM paid)"""
"""What every settled payment does, in one statement each."""


@atomic
def checkout(*, person: Person, basket: Basket, seen: int) -> Pledge:
    """Pledge what is in the basket, as the person saw it in version `seen`. Pressed twice, it is the same pledge.

    The database's clock decides whether the round still takes gifts. Raises NotNow, ChangedMeanwhile, Refusals.
    """
    locked = _locked_basket.get(basket.pk)
    if locked.person_id != person.pk:
        raise NotNow("This basket belongs to another account.")
    made = _made.first(basket.pk, seen)
    if made is not None:
        return made
    if locked.version != seen:
        raise ChangedMeanwhile(
            "Your basket has changed since this page was opened, perhaps in another tab. Look at it once more, then pay."
        )
    round_ = locked.round
    if not is_open_for_gifts(round_, present_time()):
        raise closed(round_)
    lines = lines_of(locked)
    _check(locked, lines)
    pledge = Pledge(
        round=round_,
        person=person,
        basket=locked,
        basket_version=seen,
        amount=sum(line.amount for line in lines),
    )
    insert_row(pledge)
    insert_rows([Contribution(pledge=pledge, project=line.project, amount=line.amount) for line in lines])
    record_event(
        actor=person.actor,
        verb="check_out",
        subject=pledge,
        after={"cents": pledge.amount, "lines": len(lines)},
        tenant=round_.host.reference,
    )
    return pledge


@prepared
def _locked_basket(basket: UUID) -> QuerySet[Basket]:
    return Basket.objects.select_for_update(of=("self",)).select_related("round__host").filter(pk=basket)


@prepared
def _made(basket: UUID, version: int) -> QuerySet[Pledge]:
    return Pledge.objects.filter(basket=basket, basket_version=version)


@atomic(savepoint=False)
def settle_contributions(*, pledge: Pledge) -> dict[str, int]:
    """The money is there: what the pledge promised counts from now on, and leaves the basket.

    Gives the cents by project key, for the book; empty where all was settled before.
    """
    moved = _move(
        pledge,
        _before(ContributionState.SETTLED),
        ContributionState.SETTLED,
        sign=1,
    )
    if moved:
        _empty_basket(pledge)
    return moved


@atomic(savepoint=False)
def mark_paid(*, pledge: Pledge) -> None:
    """The money is on its way and may still be refused: it does not count yet."""
    for contribution in pledge.contributions.filter(state=ContributionState.PLEDGED).select_for_update():
        contribution.state = ContributionState.PAID
        contribution.save(update_fields=["state"])


@atomic(savepoint=False)
def fail_contributions(*, pledge: Pledge) -> None:
    """No money came: the promise is over. The basket was never emptied."""
    waiting = pledge.contributions.filter(state__in=_before(ContributionState.FAILED))
    for contribution in waiting.select_for_update():
        contribution.state = ContributionState.FAILED
        contribution.save(update_fields=["state"])


@atomic(savepoint=False)
def take_back_contributions(
    *, pledge: Pledge, state: ContributionState, only: Iterable[int] | None = None
) -> dict[str, int]:
    """Money has gone back to its giver (REFUNDED), or was contested (CHARGED_BACK): it no longer counts.

    `only` names some contributions by number. Gives the cents by project key.
    """
    return _move(pledge, [ContributionState.SETTLED], state, sign=-1, only=only)


@atomic(savepoint=False)
def bring_back_contributions(*, pledge: Pledge) -> dict[str, int]:
    """A dispute was won: what was charged back counts again. Gives the cents by project key."""
    return _move(pledge, [ContributionState.CHARGED_BACK], ContributionState.SETTLED, sign=1)


def _move(
    pledge: Pledge,
    before: Iterable[ContributionState],
    state: ContributionState,
    *,
    sign: int,
    only: Iterable[int] | None = None,
) -> dict[str, int]:
    # Who waited for a row looks at its state again.
    moved = ask(
        _MOVE,
        {
            "pledge": pledge.pk,
            "before": list(before),
            "state": state,
            "settled": state == ContributionState.SETTLED,
            "only": None if only is None else list(only),
        },
    )
    if moved:
        cents = {project: sign * amount for project, _, amount in moved}
        add_money(round=pledge.round, person_id=pledge.person_id, moved=cents)
    return {key: amount for _, key, amount in moved}


def _before(state: ContributionState) -> list[ContributionState]:
    return [
        before
        for before, followers in CONTRIBUTION_TRANSITIONS.items()
        if state in followers and before != ContributionState.CHARGED_BACK
    ]


def _empty_basket(pledge: Pledge) -> None:
    if pledge.basket_id is not None:
        tell(_EMPTY, {"pledge": pledge.pk, "basket": pledge.basket_id})


def _check(basket: Basket, lines: list[BasketLine]) -> None:
    problems: list[Refusal] = []
    if not lines:
        problems.append(Refusal("Your basket is empty: choose a project first."))
    for line in lines:
        if line.project.state != State.SELECTED:
            problems.append(
                Refusal(
                    "{project} has been withdrawn: take it out of your basket to go on.",
                    project=line.project.name,
                )
            )
            continue
        try:
            check_amount(basket.round, line.amount)
        except Refusal as refusal:
            problems.append(refusal)
    if problems:
        raise Refusals(problems)
