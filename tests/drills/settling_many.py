"""A program that settles many payments at once, to be run on a database that is killed meanwhile.

python -m tests.drills.settling_many prepare N | settle | check: on the database of DATABASE_URL.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import django


def prepare(payments: int) -> None:
    """A round with so many payments waiting to be settled."""
    from django.core.management import call_command

    from abonde.payments.models import Payment
    from tests.factories import a_person, a_pledge, a_project, a_round, a_voice

    call_command("migrate", verbosity=0)
    round_ = a_round()
    projects = [a_project(round_) for _ in range(4)]
    for number in range(payments):
        person = a_person()
        a_voice(person, round_)
        gifts = {projects[number % 4]: 1000, projects[(number + 1) % 4]: 700 + 100 * (number % 9)}
        pledge = a_pledge(person, gifts)
        Payment.objects.create(pledge=pledge, provider="sandbox", amount=pledge.amount)


def settle() -> None:
    """Settle all of them from four threads; errors are left to the next run, as a job would."""
    from django.db import connection

    from abonde.payments.models import Payment
    from tests.drills.paying import settle as settle_one

    def one(payment: str) -> None:
        try:
            settle_one(payment)
            sys.stdout.write(f"{payment}\n")
            sys.stdout.flush()
        finally:
            connection.close()

    waiting = [str(pk) for pk in Payment.objects.exclude(state="settled").values_list("pk", flat=True)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(one, payment) for payment in waiting]:
            done.exception()


def check() -> None:
    """What stands, as JSON."""
    from abonde.giving.actions import rebuild_totals
    from abonde.giving.queries import totals_of
    from abonde.ledger.models import Transaction
    from abonde.ledger.queries import check_book
    from abonde.notifications.models import Letter
    from abonde.payments.models import Payment
    from abonde.rounds.models import Round

    round_ = Round.objects.get()
    settled = Payment.objects.filter(state="settled")
    found = {
        "settled": [str(pk) for pk in settled.values_list("pk", flat=True)],
        "cents": sum(settled.values_list("amount", flat=True)),
        "received": totals_of(round_).received,
        "movements": Transaction.objects.filter(kind="gift").count(),
        "letters": Letter.objects.filter(kind="gift-settled").count(),
        "faults": list(check_book(round_.fund.book).faults),
        "differences": [str(one) for one in rebuild_totals(round_)],
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    django.setup()
    match sys.argv[1:]:
        case ["prepare", count]:
            prepare(int(count))
        case ["settle"]:
            settle()
        case ["check"]:
            check()
