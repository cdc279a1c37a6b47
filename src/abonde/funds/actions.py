"""What is done with funds. Each action is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.db.transaction import atomic
from django.utils.text import slugify

from abonde.core.clock import present_time, transaction_time
from abonde.core.events import record_event
from abonde.core.transitions import NotNow
from abonde.funds.models import (
    AGREEMENT_TRANSITIONS,
    Agreement,
    AgreementState,
    Fund,
    Instalment,
    Pot,
    Returned,
)
from abonde.funds.queries import GROWING
from abonde.ledger.actions import open_account, open_book, post, reverse
from abonde.ledger.models import Account, Kind
from abonde.matching.amounts import LARGEST_POT, Cents, Euros
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Organisation, Role
from abonde.organisations.permissions import NotAllowed, require_role, require_second_factor, role_of
from abonde.people.models import Person
from abonde.rounds.models import Challenge, Round
from abonde.rounds.queries import part_in
from abonde.rounds.states import State
from abonde.territories import territory

SIGNED_AGREEMENT: Final = Q(state=AgreementState.SIGNED)

FIRST_DUE_AFTER: Final = timedelta(days=30)


@atomic
def open_fund(*, person: Person, round: Round, name: str = "") -> Fund:  # noqa: A002  (the word of the domain)
    """Open the fund of a round and the book in which all its money is written. Opened again, it is the same fund.

    Raises NotAllowed, NotNow.
    """
    require_role(person, round.host, Role.TREASURER)
    locked = Round.locked(round.pk, seen=None)
    opened = Fund.objects.filter(round=locked).first()
    if opened is not None:
        return opened
    _require_growing(locked)
    actor = person.actor
    title = name.strip() or locked.name
    book = open_book(actor=actor, key=f"round {locked.pk}", title=title)
    for key, heading, kind in (
        ("bank", "Bank", Kind.BANK),
        (f"clearing:{settings.PAYMENT_PROVIDER}", "Payments under way", Kind.PROVIDER_CLEARING),
        ("fees", "Fees", Kind.FEES),
        ("gifts", "Gifts", Kind.DONOR_INCOME),
    ):
        open_account(actor=actor, book=book, key=key, title=heading, kind=kind)
    fund = Fund.objects.create(round=locked, name=title[:150], book=book)
    record_event(actor=actor, verb="open_fund", subject=fund, tenant=locked.host.reference)
    return fund


def open_project_account(*, round: Round, key: str, title: str, actor: str | None = None) -> Account:  # noqa: A002
    """The account of a project in the round's book, opened if it is not; `key` is the project's. Raises NotNow."""
    fund = Fund.objects.select_related("book").filter(round=round).first()
    if fund is None:
        raise NotNow("Open the fund of {round} first: its money is written there.", round=round.name)
    opened = Account.objects.filter(book=fund.book, key=f"project:{key}").first()
    return opened or open_account(
        actor=actor, book=fund.book, key=f"project:{key}", title=title, kind=Kind.PROJECT
    )


@atomic
def add_pot(
    *,
    person: Person,
    fund: Fund,
    name: str,
    challenge: Challenge | None = None,
    place: str = "",
    key: str = "",
) -> Pot:
    """A further envelope of the fund, kept for a challenge, a place (code of a commune), both, or for everything.

    Raises NotAllowed, NotNow, Refusal.
    """
    round_ = fund.round
    require_role(person, round_.host, Role.TREASURER)
    locked = Round.locked(round_.pk, seen=None)
    _require_growing(locked)
    heading = name.strip()
    if not heading:
        raise Refusal("Give the pot a name.")
    _check_earmark(locked, challenge, place)
    free = _free_key(fund, key or slugify(heading)[:40] or "pot")
    account = open_account(
        actor=person.actor,
        book=fund.book,
        key=f"pot:{free}",
        title=heading,
        kind=Kind.POT,
        never_negative=True,
    )
    pot = Pot.objects.create(
        fund=fund, key=free, name=heading[:150], challenge=challenge, place=place, account=account
    )
    record_event(
        actor=person.actor,
        verb="add_pot",
        subject=pot,
        after={"key": free, "challenge": challenge.key if challenge else None, "place": place},
        tenant=locked.host.reference,
    )
    return pot


@atomic
def edit_pot(
    *,
    person: Person,
    pot_id: int,
    seen: int | None,
    name: str,
    challenge: Challenge | None,
    place: str,
) -> Pot:
    """Another name for a pot; and, as long as nobody has signed for it, something else that it is kept for.

    Raises NotAllowed, NotNow, ChangedMeanwhile, Refusal.
    """
    round_ = Round.locked(Pot.objects.get(pk=pot_id).fund.round_id, seen=None)
    pot = Pot.locked(pot_id, seen=seen, reader=person.actor)
    require_role(person, round_.host, Role.TREASURER)
    _require_growing(round_)
    heading = name.strip()
    if not heading:
        raise Refusal("Give the pot a name.")
    _check_earmark(round_, challenge, place)
    kept_for = (challenge.pk if challenge else None, place)
    if kept_for != (pot.challenge_id, pot.place) and pot.agreements.filter(SIGNED_AGREEMENT).exists():
        raise NotNow("A funder has signed for this pot: what it is kept for stays. Add another pot.")
    before = {"name": pot.name, "challenge": pot.challenge_id, "place": pot.place}
    pot.name, pot.challenge, pot.place = heading[:150], challenge, place
    pot.save_edit(person.actor)
    record_event(
        actor=person.actor,
        verb="edit_pot",
        subject=pot,
        before=before,
        after={"name": pot.name, "challenge": pot.challenge_id, "place": place},
        tenant=round_.host.reference,
    )
    return pot


@atomic
def propose_agreement(
    *,
    person: Person,
    pot: Pot,
    funder: Organisation,
    amount: Cents,
    instalments: Sequence[tuple[Cents, date]] = (),
) -> Agreement:
    """Write down what a funder would bring to a pot (cents), in instalments that add up; one where none is named.

    An agent of the funder proposes it, or one of the host; only the funder signs. Raises NotAllowed, NotNow, Refusal.
    """
    round_ = pot.fund.round
    _require_either(person, round_.host, funder)
    locked = Round.locked(round_.pk, seen=None)
    _require_growing(locked)
    part = part_in(locked, funder)
    if part is None or part.accepted_at is None:
        raise NotNow("{funder} has to accept its part in the round first.", funder=funder.name)
    if not 0 < amount <= LARGEST_POT:
        raise Refusal("Give an amount above zero.")
    parts = list(instalments) or [(amount, (transaction_time() + FIRST_DUE_AFTER).date())]
    _check_instalments(amount, parts)
    agreement = Agreement.objects.create(pot=pot, funder=funder, amount=amount, proposed_by=person)
    Instalment.objects.bulk_create(
        Instalment(agreement=agreement, amount=cents, due_on=due) for cents, due in parts
    )
    _record(person, "propose_agreement", agreement, after={"amount": amount, "pot": pot.key})
    return agreement


@atomic
def sign_agreement(*, person: Person, agreement_id: int, seen: int | None = None) -> Agreement:
    """A manager of the funder signs: from now on the amount counts, and it can only grow by a further agreement.

    Signed again, changes nothing. Raises NotAllowed, NotNow once the round has closed, ChangedMeanwhile.
    """
    round_ = Round.locked(Agreement.objects.get(pk=agreement_id).pot.fund.round_id, seen=None)
    agreement = Agreement.locked(agreement_id, seen=seen, reader=person.actor)
    require_role(person, agreement.funder, Role.MANAGER)
    require_second_factor(person)
    if agreement.state == AgreementState.SIGNED:
        return agreement
    _require_growing(round_)
    _require_move(agreement, AgreementState.SIGNED)
    agreement.state, agreement.signed_by = AgreementState.SIGNED, person
    agreement.signed_at = transaction_time()
    agreement.save_edit(person.actor)
    _record(person, "sign_agreement", agreement, after={"amount": agreement.amount})
    return agreement


@atomic
def cancel_agreement(*, person: Person, agreement_id: int, seen: int | None = None) -> Agreement:
    """Take back a proposal that nobody has signed; the funder or the host may. Raises NotAllowed, NotNow."""
    agreement = Agreement.locked(agreement_id, seen=seen, reader=person.actor)
    _require_either(person, agreement.pot.fund.round.host, agreement.funder)
    if agreement.state == AgreementState.CANCELLED:
        return agreement
    _require_move(agreement, AgreementState.CANCELLED)
    agreement.state = AgreementState.CANCELLED
    agreement.save_edit(person.actor)
    _record(person, "cancel_agreement", agreement)
    return agreement


@atomic
def receive_instalment(*, person: Person, instalment_id: int) -> Instalment:
    """The host's treasurer has seen the money on the bank account: it is written into the pot.

    Raises NotAllowed, NotNow for an agreement that is not signed or an instalment that came in before.
    """
    instalment = (
        Instalment.objects.select_for_update(of=("self",))
        .select_related("agreement__pot__fund__round__host", "agreement__pot__account", "agreement__funder")
        .get(pk=instalment_id)
    )
    agreement, fund = instalment.agreement, instalment.agreement.pot.fund
    require_role(person, fund.round.host, Role.TREASURER)
    require_second_factor(person)
    if agreement.state != AgreementState.SIGNED:
        raise NotNow("{funder} has not signed this agreement.", funder=agreement.funder.name)
    if instalment.received_at is not None:
        raise NotNow("This instalment is already written in the accounts.")
    bank = Account.objects.get(book=fund.book_id, key="bank")
    instalment.transaction = post(
        actor=person.actor,
        book=fund.book,
        kind="instalment",
        sentence=f"{agreement.funder} brings an instalment to {agreement.pot}",
        idempotency_key=f"instalment {instalment.pk} received",
        postings={bank: Cents(instalment.amount), agreement.pot.account: Cents(-instalment.amount)},
    )
    instalment.received_at, instalment.received_by = transaction_time(), person
    instalment.save()
    _record(person, "receive_instalment", agreement, after={"instalment": instalment.pk})
    return instalment


@atomic
def return_instalment(*, person: Person, instalment_id: int) -> Returned:
    """The host's treasurer has sent the money back to its funder, the round being called off: the book is mirrored.

    Said twice, it is the first time. Raises NotAllowed, NotNow.
    """
    instalment = (
        Instalment.objects.select_for_update(of=("self",))
        .select_related("agreement__pot__fund__round__host", "agreement__funder", "transaction")
        .get(pk=instalment_id)
    )
    agreement = instalment.agreement
    round_ = agreement.pot.fund.round
    require_role(person, round_.host, Role.TREASURER)
    require_second_factor(person)
    if (done := Returned.objects.filter(instalment=instalment).first()) is not None:
        return done
    if round_.state != State.CALLED_OFF or instalment.transaction is None:
        raise NotNow("Only what came in for a round that was called off goes back to its funder.")
    mirrored = reverse(
        actor=person.actor,
        transaction=instalment.transaction,
        sentence=f"{agreement.funder} gets an instalment back: the round is called off",
    )
    made = Returned.objects.create(instalment=instalment, transaction=mirrored, person=person)
    _record(person, "return_instalment", agreement, after={"instalment": instalment.pk})
    return made


def _require_growing(round: Round) -> None:  # noqa: A002
    """Raises NotNow once the round no longer takes money from funders, by the database's clock."""
    closes = round.giving_closes_at
    if round.state not in GROWING or (
        round.state != State.DRAFT and closes is not None and present_time() >= closes
    ):
        raise NotNow("{round} has closed: its fund can no longer grow.", round=round.name)


def _require_move(agreement: Agreement, state: AgreementState) -> None:
    if state not in AGREEMENT_TRANSITIONS[AgreementState(agreement.state)]:
        raise NotNow("This agreement has been signed or taken back meanwhile: open its page again.")


def _require_either(person: Person, host: Organisation, funder: Organisation) -> None:
    if role_of(person, funder) == Role.MANAGER or role_of(person, host) in {Role.MANAGER, Role.TREASURER}:
        return
    raise NotAllowed(
        "This needs another role at {organisation}: ask one of its managers.", organisation=funder.name
    )


def _check_earmark(round: Round, challenge: Challenge | None, place: str) -> None:  # noqa: A002
    if challenge is not None and challenge.round_id != round.pk:
        raise Refusal("Choose a challenge of this round.")
    if place and not (round.territory and territory(round.territory).contains(place)):
        raise Refusal("Choose a commune of the territory.")


def _check_instalments(amount: Cents, parts: Sequence[tuple[Cents, date]]) -> None:
    if any(cents <= 0 for cents, _ in parts) or sum(cents for cents, _ in parts) != amount:
        raise Refusal(
            "The instalments add up to {sum}, and the agreement to {amount}: make them equal.",
            sum=Euros(sum(cents for cents, _ in parts)),
            amount=Euros(amount),
        )


def _free_key(fund: Fund, wanted: str) -> str:
    taken = set(Pot.objects.filter(fund=fund).values_list("key", flat=True))
    return next(
        key for key in (wanted, *(f"{wanted}-{number}" for number in range(2, 1000))) if key not in taken
    )


def _record(person: Person, verb: str, agreement: Agreement, after: dict[str, object] | None = None) -> None:
    record_event(
        actor=person.actor,
        verb=verb,
        subject=agreement,
        after={**(after or {}), "state": agreement.state},
        tenant=agreement.pot.fund.round.host.reference,
    )
