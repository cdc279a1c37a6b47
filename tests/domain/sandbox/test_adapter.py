"""The sandbox as the payment provider that the platform sees."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import override_settings
from django.urls import resolve
from hypothesis import given, settings
from hypothesis import strategies as st

from abonde.core.clock import present_time
from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal
from abonde.payments.adapters.sandbox import STANDING, TOLERANCE, Sandbox
from abonde.payments.provider import Forged, Order, Provider, Standing, Unreachable
from abonde.payments.providers import provider_named
from abonde.sandbox.actions import choose
from abonde.sandbox.models import Checkout
from abonde.sandbox.signing import signature, signed
from abonde.sandbox.states import Choice, State
from tests.domain.sandbox.worlds import SECRET, a_checkout
from tests.factories import unique

pytestmark = pytest.mark.usefixtures("database")

BODY = b'{"id": "e1", "type": "checkout.paid", "checkout": "c1"}'
SANDBOX: Provider = Sandbox(secret=SECRET)


def notify(header: str | None, body: bytes = BODY) -> tuple[str, str]:
    hint = SANDBOX.notify({} if header is None else {"sandbox-signature": header}, body)
    return hint.event_id, hint.reference


def at(seconds: int = 0) -> datetime:
    return present_time() + timedelta(seconds=seconds)


def order(**more: object) -> Order:
    usual = {
        "key": unique("attempt"),
        "label": "Dons",
        "amount": Cents(1234),
        "return_address": "http://localhost/retour/",
        "notice_address": "http://localhost/avis/",
    }
    return Order(**(usual | more))  # type: ignore[arg-type]


def test_what_the_sandbox_signs_is_taken() -> None:
    assert notify(signed(SECRET, at(), BODY)) == ("e1", "c1")


def test_the_signature_is_the_one_that_the_documents_describe() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    header = signed("clé", moment, b"{}")
    # printf '1772366400.{}' | openssl dgst -sha256 -hmac clé
    assert header == f"t=1772366400,v1={signature('clé', '1772366400', b'{}')}"
    assert header.endswith("fdd23dfaaa7dd4d01b716ea133d5d44e892bfb91bd7507f1b2209b8785e9eee3")


@pytest.mark.parametrize("seconds", [-TOLERANCE + 5, TOLERANCE - 5])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    assert notify(signed(SECRET, at(seconds), BODY)) == ("e1", "c1")


@pytest.mark.parametrize("seconds", [-TOLERANCE - 5, TOLERANCE + 5, -(10**9), 10**9])
def test_what_is_stale_or_from_the_future_is_not(seconds: int) -> None:
    with pytest.raises(Forged, match="may be a repetition"):
        notify(signed(SECRET, at(seconds), BODY))


def test_another_secret_another_body_another_time() -> None:
    header = signed(SECRET, at(), BODY)
    seconds, _, rest = header.partition(",")
    later = f"t={int(seconds[2:]) + 1},{rest}"
    for wrong, body in (
        (signed(SECRET[::-1], at(), BODY), BODY),
        (header, BODY + b" "),
        (header, b""),
        (later, BODY),
        (header.upper().replace("T=", "t=").replace("V1=", "v1="), BODY),
        (header[:-1], BODY),
        (header + "0", BODY),
    ):
        with pytest.raises(Forged, match="signature"):
            notify(wrong, body)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        ",",
        "=",
        "t=,v1=",
        "t=1",
        "v1=00",
        "t=1;v1=00",
        "t=-1,v1=00",
        "t=1.5,v1=00",
        "t=١٢,v1=00",
        "t=²,v1=00",
        "t=" + "9" * 13 + ",v1=00",
        "t=" + "9" * 5000 + ",v1=00",
        "1,2",
        "T=1,V1=00",
    ],
)
def test_parts_that_are_missing_or_unreadable(header: str | None) -> None:
    with pytest.raises(Forged, match="no readable signature"):
        notify(header)


@pytest.mark.parametrize("given_", ["é" * 64, "ÿ", "\udcff" * 64, "\ud800", "０" * 64, "\x00"])
def test_signatures_that_are_no_ascii(given_: str) -> None:
    with pytest.raises(Forged, match="not the sandbox’s"):
        notify(f"t={int(at().timestamp())},v1={given_}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"1",
        b'"id"',
        b"{}",
        b'{"id": 1, "checkout": "c"}',
        b'{"id": "e"}',
        b'{"id": "", "checkout": "c"}',
        b'{"id": "e", "checkout": null}',
        b'{"id": "e", "checkout": ["c"]}',
        json.dumps({"id": "e" * 201, "checkout": "c"}).encode(),
    ],
)
def test_a_signed_body_that_says_nothing(body: bytes) -> None:
    with pytest.raises(Forged, match="does not say what happened"):
        notify(signed(SECRET, at(), body), body)


@given(header=st.text(), body=st.binary())
@settings(max_examples=300, deadline=None)
def test_noise_is_refused_in_a_sentence(header: str, body: bytes) -> None:
    with pytest.raises(Forged):
        Sandbox(secret=SECRET).notify({"sandbox-signature": header}, body)


def test_an_attempt_is_started_once() -> None:
    wish = order()
    with override_settings(PUBLIC_URL="https://dons.example.fr"):
        first, again = SANDBOX.start(wish), SANDBOX.start(wish)
    assert first == again
    assert first.address.startswith("https://dons.example.fr/bac-a-sable/")
    page = resolve(urlsplit(first.address).path)
    assert (page.url_name, str(page.kwargs["checkout"])) == ("sandbox-checkout", first.reference)
    checkout = Checkout.objects.get(pk=first.reference)
    assert (checkout.merchant_reference, checkout.amount, checkout.label) == (wish.key, 1234, "Dons")


def test_every_state_stands_for_something() -> None:
    assert set(STANDING) == set(State)
    reference = SANDBOX.start(order()).reference
    said = [SANDBOX.fetch(reference).standing]
    for choice in (Choice.PAY_LATER, Choice.PAY, Choice.DISPUTE, Choice.WIN):
        choose(checkout_id=Checkout.objects.get(pk=reference).pk, choice=choice)
        said.append(SANDBOX.fetch(reference).standing)
    assert said == [Standing.OPEN, Standing.PENDING, Standing.SETTLED, Standing.DISPUTED, Standing.WON]


@pytest.mark.parametrize(
    ("choice", "standing", "reason"),
    [
        (Choice.REFUSE, Standing.FAILED, "refused"),
        (Choice.ABANDON, Standing.CANCELLED, ""),
        (Choice.PAY, Standing.SETTLED, ""),
    ],
)
def test_what_was_chosen_is_what_is_reported(choice: Choice, standing: Standing, reason: str) -> None:
    checkout = choose(checkout_id=a_checkout().pk, choice=choice)
    report = SANDBOX.fetch(str(checkout.pk))
    assert (report.standing, report.reason, report.amount) == (standing, reason, 2500)
    assert (report.method, report.paid_at) == ("card", checkout.paid_at)


def test_money_goes_back_once_per_key() -> None:
    checkout = choose(checkout_id=a_checkout().pk, choice=Choice.PAY)
    key = unique("refund")
    for _ in range(2):
        SANDBOX.refund(str(checkout.pk), key=key, amount=Cents(500))
    assert SANDBOX.fetch(str(checkout.pk)).refunded == 500
    with pytest.raises(Refusal, match=r"20\.00 €"):
        SANDBOX.refund(str(checkout.pk), key=unique("refund"), amount=Cents(2001))


@pytest.mark.parametrize(
    "reference", ["", "c1", "8a768e19-9136-4c74-acc0-75cbaa030914", "é", "\x00", "0" * 33]
)
def test_a_reference_that_it_does_not_know(reference: str) -> None:
    with pytest.raises(Unreachable):
        SANDBOX.fetch(reference)
    with pytest.raises(Unreachable):
        SANDBOX.refund(reference, key="k", amount=Cents(1))


def test_there_is_a_sandbox_where_there_is_a_secret() -> None:
    with override_settings(SANDBOX_SECRET=SECRET):
        assert isinstance(provider_named("sandbox"), Sandbox)
    with override_settings(SANDBOX_SECRET=""), pytest.raises(Refusal):
        provider_named("sandbox")
