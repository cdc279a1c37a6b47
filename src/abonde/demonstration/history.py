"""Gifts that were made before the visitor came: the same rows that check-outs leave, written many at a time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.transaction import atomic
from django.urls import reverse

from abonde.demonstration.crowd import Giver
from abonde.giving.actions import rebuild_totals
from abonde.giving.models import Contribution, ContributionState, Pledge
from abonde.ledger.models import Account, Posting, Transaction
from abonde.payments.models import Payment
from abonde.payments.states import State
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.register.models import Certificate, Entry
from abonde.rounds.models import Round
from abonde.sandbox.models import Checkout
from abonde.sandbox.states import State as SandboxState

PROVIDER: Final = "sandbox"
TO_SETTLE: Final = timedelta(seconds=40)


@atomic
def give(round_: Round, givers: Sequence[Giver], *, until: datetime) -> None:
    """Let the givers whose moment is before `until` have given: persons, voices, pledges, payments, the book, totals."""
    opens, closes = round_.giving_opens_at, round_.giving_closes_at
    if opens is None or closes is None:
        return
    moments = [opens + (closes - opens) * giver.moment for giver in givers]
    past = [(giver, at) for giver, at in zip(givers, moments, strict=True) if at + TO_SETTLE < until]
    people = Person.objects.bulk_create(Person(name=giver.name) for giver, _ in past)
    _give_voices(
        round_, [(person, at) for person, (giver, at) in zip(people, past, strict=True) if giver.has_voice]
    )
    projects = {project.key: project for project in round_.projects.all()}
    pledges = Pledge.objects.bulk_create(
        Pledge(round=round_, person=person, amount=sum(giver.gifts.values()), pledged_at=at)
        for person, (giver, at) in zip(people, past, strict=True)
    )
    gifts = [
        (pledge, projects[key], cents)
        for pledge, (giver, _) in zip(pledges, past, strict=True)
        for key, cents in giver.gifts.items()
    ]
    contributions = Contribution.objects.bulk_create(
        Contribution(pledge=pledge, project=project, amount=cents) for pledge, project, cents in gifts
    )
    for contribution in contributions:
        contribution.state = ContributionState.SETTLED
        contribution.settled_at = contribution.pledge.pledged_at + TO_SETTLE
    Contribution.objects.bulk_update(contributions, ["state", "settled_at"], batch_size=2000)
    _write_book(round_, _pay(pledges), gifts)
    rebuild_totals(round_)


def _give_voices(round_: Round, people: Sequence[tuple[Person, datetime]]) -> None:
    """A voice for each of the people, granted when they gave."""
    register = round_.register
    if register is None:
        return
    entries = Entry.objects.bulk_create(Entry(register=register, key=secrets.token_bytes(32)) for _ in people)
    Certificate.objects.bulk_create(
        Certificate(person=person, register=register, entry=entry, method=register.strategy, granted_at=at)
        for (person, at), entry in zip(people, entries, strict=True)
    )


def _pay(pledges: Sequence[Pledge]) -> list[Payment]:
    """Payments, and the provider's own records of them: they can be refunded and contested like others."""
    checkouts = Checkout.objects.bulk_create(
        Checkout(
            merchant_reference=f"history {pledge.pk}",
            label="Dons",
            amount=pledge.amount,
            state=SandboxState.PAID,
            return_address=f"{settings.PUBLIC_URL}/mes-dons/",
            notice_address=f"{settings.PUBLIC_URL}{reverse('payment-notice', args=[PROVIDER])}",
            created_at=pledge.pledged_at,
            paid_at=pledge.pledged_at + TO_SETTLE,
        )
        for pledge in pledges
    )
    payments = Payment.objects.bulk_create(
        Payment(
            pledge=pledge,
            provider=PROVIDER,
            reference=str(checkout.pk),
            amount=pledge.amount,
            method="card",
            created_at=pledge.pledged_at,
        )
        for pledge, checkout in zip(pledges, checkouts, strict=True)
    )
    for payment in payments:
        payment.state = State.SETTLED
        payment.paid_at = payment.settled_at = payment.created_at + TO_SETTLE
    Payment.objects.bulk_update(payments, ["state", "paid_at", "settled_at"], batch_size=2000)
    return payments


def _write_book(
    round_: Round, payments: Sequence[Payment], gifts: Sequence[tuple[Pledge, Project, int]]
) -> None:
    book = round_.fund.book
    accounts = {account.key: account for account in Account.objects.filter(book=book)}
    clearing = accounts[f"clearing:{PROVIDER}"]
    transactions = Transaction.objects.bulk_create(
        Transaction(
            book=book,
            kind="gift",
            sentence="A payment is settled.",
            idempotency_key=f"payment {payment.pk} settled",
            metadata={},
        )
        for payment in payments
    )
    of_pledge = {
        payment.pledge_id: (payment, transaction)
        for payment, transaction in zip(payments, transactions, strict=True)
    }
    Posting.objects.bulk_create(
        Posting(transaction=transaction, account=clearing, cents=payment.amount)
        for payment, transaction in of_pledge.values()
    )
    Posting.objects.bulk_create(
        Posting(transaction=of_pledge[pledge.pk][1], account=accounts[f"project:{project.key}"], cents=-cents)
        for pledge, project, cents in gifts
    )
