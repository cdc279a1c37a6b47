from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings


def test_live_needs_no_database(client: Client) -> None:
    assert client.get("/health/live").json() == {"live": True}


def test_ready_waits_for_a_worker(client: Client, database: None) -> None:
    without = client.get("/health/ready")
    assert (without.status_code, without.json()) == (
        503,
        {"database": True, "migrations": True, "worker": False, "separate_knowledge": True},
    )
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()) RETURNING id")
        (worker,) = cursor.fetchone()
    assert client.get("/health/ready").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers WHERE id = %s", [worker])


@pytest.mark.parametrize(
    ("address", "behind_proxy", "bearer", "status"),
    [
        ("127.0.0.1", False, "", 200),
        ("192.0.2.1", False, "", 403),
        ("127.0.0.1", True, "", 403),
        ("192.0.2.1", True, "Bearer secret", 200),
        ("192.0.2.1", True, "Bearer guess", 403),
    ],
)
def test_metrics_are_for_this_machine_or_the_bearer(
    client: Client,
    settings: Settings,
    address: str,
    behind_proxy: bool,
    bearer: str,
    status: int,
) -> None:
    settings.METRICS_TOKEN, settings.BEHIND_PROXY = "secret", behind_proxy
    answer = client.get("/metrics", REMOTE_ADDR=address, headers={"Authorization": bearer})
    assert answer.status_code == status


def test_pages_run_no_inline_script(client: Client) -> None:
    policy = client.get("/health/live").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_log_names_the_route_and_nobody(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        answer = client.get("/health/live?name=Camille", REMOTE_ADDR="192.0.2.7")
    assert "health/live" in caplog.text
    assert answer.headers["X-Request-ID"] in caplog.text
    assert "Camille" not in caplog.text
    assert "192.0.2.7" not in caplog.text
