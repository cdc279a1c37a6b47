"""Notifications of payment providers, true and false."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from abonde.core.clock import present_time
from abonde.payments.models import Notice
from abonde.sandbox.signing import HEADER, signature
from tests.web.giving.worlds import given

pytestmark = pytest.mark.usefixtures("database")

ADDRESS = reverse("payment-notice", args=["sandbox"])


def send(body: bytes, *, secret: str | None = None, header: str | None = None, address: str = ADDRESS) -> int:
    seconds = str(int(present_time().timestamp()))
    signed = header or f"t={seconds},v1={signature(secret or settings.SANDBOX_SECRET, seconds, body)}"
    client = Client(enforce_csrf_checks=True, headers={HEADER: signed})
    return client.post(address, body, content_type="application/json").status_code


def told(event: str, checkout: object) -> bytes:
    return json.dumps({"id": event, "checkout": checkout}).encode()


def test_a_true_one_is_kept_once() -> None:
    made = given()
    body = told(f"event-{made.payment.pk}", made.payment.reference)
    assert [send(body), send(body)] == [HTTPStatus.OK, HTTPStatus.OK]
    notice = Notice.objects.get(provider="sandbox", event_id=f"event-{made.payment.pk}")
    assert notice.payment == made.payment


def test_a_true_one_about_nothing_we_know_is_kept() -> None:
    event = f"event-{given().pledge.pk}"
    assert send(told(event, "nothing")) == HTTPStatus.OK
    assert Notice.objects.get(event_id=event).payment is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe",
        b'{"id": 1, "checkout": 2}',
        b"[" * 60_000,
        told("", "x"),
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    assert send(body) == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    ("event", "checkout"), [("a\0b", "x"), ("with-nul-in-reference", "a\0b"), ("lone-\ud800", "x")]
)
def test_odd_characters_in_a_signed_one_break_nothing(event: str, checkout: str) -> None:
    assert send(told(event, checkout)) in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST}


@pytest.mark.parametrize("header", ["t=1,v1=x", "x", ",", "t=,v1=", "t=1", "t=²,v1=é"])
def test_a_forged_one_is_refused(header: str) -> None:
    made = given()
    assert send(told("forged", made.payment.reference), header=header) == HTTPStatus.BAD_REQUEST
    assert send(told("forged", made.payment.reference), secret="another") == HTTPStatus.BAD_REQUEST
    assert not Notice.objects.filter(event_id="forged").exists()


@pytest.mark.parametrize("size", [64 * 1024 + 1, 3 * 1024 * 1024])
def test_a_huge_one_is_refused(size: int) -> None:
    assert send(b" " * size) == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_of_a_provider_that_is_not_here() -> None:
    assert send(b"{}", address=reverse("payment-notice", args=["stripe"])) == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch", "options"])
def test_only_posts_are_taken(method: str) -> None:
    assert getattr(Client(), method)(ADDRESS).status_code == HTTPStatus.METHOD_NOT_ALLOWED
