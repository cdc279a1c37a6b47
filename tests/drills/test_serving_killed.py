"""kill -9 of what `abonde serve` runs, and of itself: a payment in the midst is whole afterwards, and nothing stays behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from abonde.giving.actions import rebuild_totals
from abonde.payments.actions import check_payment, refund_payment, start_payment
from abonde.payments.models import Notice, Payment, Refund
from abonde.sandbox.actions import choose
from abonde.sandbox.models import Checkout, Manner
from abonde.sandbox.states import Choice
from tests.drills.paying import found
from tests.drills.serving import PATIENCE, Platform, kill, locked, patiently, served, time_passes
from tests.factories import a_person, a_pledge, a_project, a_round, a_voice, the_manager

pytestmark = pytest.mark.usefixtures("database")

LAST_STATEMENT = "LOCK TABLE ledger_posting IN SHARE MODE"
"""Who settles a payment waits with its last statement, everything else being written."""
COMMIT = "SELECT FROM ledger_account FOR UPDATE"
"""Who settles a payment waits within its commit: PostgreSQL looks at the keys of rows last."""

SETTLED = {
    "state": "settled",
    "contributions": ["settled"],
    "received": 3500,
    "persons": 2,
    "movements": 1,
    "basket": 0,
    "refunds": 0,
    "faults": [],
}


@pytest.fixture
def platform(
    database: None,  # noqa: ARG001  (it is served)
    tmp_path: Path,
) -> Iterator[Platform]:
    with served(tmp_path) as running, override_settings(PUBLIC_URL=running.url, PAYMENT_PROVIDER="sandbox"):
        yield running


def a_payment() -> Payment:
    """Begun, and its page at the sandbox still open."""
    round_, person = a_round(), a_person()
    a_voice(person, round_)
    pledge = a_pledge(person, {a_project(round_): 1000, a_project(round_): 2500})
    return start_payment(pledge=pledge).payment


def at_sandbox(payment: Payment, manner: Manner) -> None:
    choose(
        checkout_id=Checkout.objects.get(merchant_reference=str(payment.pk)).pk,
        choice=Choice.PAY,
        manner=manner,
    )


def of(payment: Payment) -> dict[str, object]:
    return found(str(payment.pk))


def is_settled_once(payment: Payment) -> None:
    assert {key: value for key, value in of(payment).items() if key in SETTLED} == SETTLED
    assert rebuild_totals(payment.pledge.round) == []


def nobody_settles() -> bool:
    """Whether the server has noticed that whoever settled is dead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
            " AND pid <> pg_backend_pid()"
        )
        return not cursor.fetchall()


@pytest.mark.parametrize(("held", "state"), [(LAST_STATEMENT, "created"), (COMMIT, "settled")])
def test_a_web_worker_killed_in_a_payment_settles_it_when_asked_again(
    platform: Platform, held: str, state: str
) -> None:
    payment = a_payment()
    at_sandbox(payment, Manner.NEVER)
    before, back = of(payment), reverse("payment-return", args=[payment.pk])
    with platform.as_person(payment.pledge.person) as browser, ThreadPoolExecutor() as pool:
        with locked(held) as somebody_waits:
            answer = pool.submit(browser.get, back)
            somebody_waits()
            kill(platform.web_worker())
            assert isinstance(answer.exception(), httpx.TransportError)
        patiently(nobody_settles, "the end of the statement")
        if state == "settled":
            is_settled_once(payment)
        else:
            assert of(payment) == before
        again = patiently(lambda: _got(browser, back), "another web worker")
    assert again is not None
    assert again.headers["Location"] == reverse("thank-you", args=[payment.pledge_id])
    is_settled_once(payment)


def test_a_notification_whose_worker_dies_is_heard_by_the_next_one(platform: Platform) -> None:
    payment = a_payment()
    before = of(payment)
    with locked(LAST_STATEMENT) as somebody_waits:
        at_sandbox(payment, Manner.TWICE)
        somebody_waits()
        kill(platform.job_worker())
    assert platform.serving is not None
    assert platform.serving.wait(PATIENCE) == 1, "without a worker nothing is served half"
    assert of(payment) == before
    assert Notice.objects.get(payment=payment).handled_at is None
    time_passes()
    platform.start()
    patiently(lambda: Notice.objects.filter(payment=payment, handled_at__isnull=False), "the next worker")
    is_settled_once(payment)


def test_a_refund_that_dies_with_its_worker_reaches_the_provider_once(platform: Platform) -> None:
    payment = a_payment()
    at_sandbox(payment, Manner.NEVER)
    check_payment(payment_id=payment.pk)
    checkout = Checkout.objects.filter(merchant_reference=str(payment.pk))
    with locked(
        f"SELECT FROM sandbox_checkout WHERE id = '{payment.reference}' FOR UPDATE"
    ) as somebody_waits:
        refund_payment(person=the_manager(payment.pledge.round.host), payment_id=payment.pk, reason="Erreur.")
        somebody_waits()
        kill(platform.job_worker())
    assert platform.serving is not None
    platform.serving.wait(PATIENCE)
    assert (checkout.get().refunded, Refund.objects.get(payment=payment).done_at) == (0, None)
    time_passes()
    platform.start()
    patiently(lambda: Refund.objects.filter(payment=payment, done_at__isnull=False), "the refund")
    assert checkout.get().refunded == 3500
    assert of(payment)["faults"] == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no system call binds a child to its parent")
def test_nothing_stays_behind_when_serving_itself_is_killed(platform: Platform) -> None:
    assert platform.serving is not None
    below = platform.below()
    assert len(below) >= 3, "gunicorn, what answers for it, and the worker of jobs"
    kill(platform.serving)
    _, alive = psutil.wait_procs(below, timeout=PATIENCE)
    assert alive == []
    platform.serving.wait()
    platform.start()
    assert httpx.get(platform.url, follow_redirects=True).status_code == httpx.codes.OK


def test_the_rest_ends_with_the_web_server(platform: Platform) -> None:
    assert platform.serving is not None
    below = platform.below()
    kill(platform.web_server())
    assert platform.serving.wait(PATIENCE) == 1
    _, alive = psutil.wait_procs(below, timeout=PATIENCE)
    assert alive == []
    assert "web" in platform.said()


def _got(browser: httpx.Client, address: str) -> httpx.Response | None:
    try:
        return browser.get(address)
    except httpx.TransportError:
        return None
