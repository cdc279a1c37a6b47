from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from abonde.core.clock import present_time
from abonde.notifications.actions import deliver, forget_undelivered, send_gathered, send_letter
from abonde.notifications.letters import pack, unpack
from abonde.notifications.models import Letter
from abonde.people.actions import delete_account
from tests.factories import a_person, unique

VALUES = {"code": "1234-5678"}


def written(**more: object) -> Letter:
    letter = send_letter(kind="login_code", values=VALUES, **more)  # type: ignore[arg-type]
    assert letter is not None
    return letter


def jobs(letter: Letter) -> int:
    return ProcrastinateJob.objects.filter(task_name="send_letter", args={"letter": str(letter.pk)}).count()


def test_a_letter_speaks_its_readers_language(
    database: None, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    for language in ("fr", "en"):
        deliver(letter_id=written(person=a_person(language=language, name="")).pk)
        sent = mailoutbox.pop()
        assert "1234-5678" in str(sent.body)
        assert "1234-5678" in sent.subject
        html = sent.alternatives[0][0]
        assert f'<html lang="{language}">' in str(html)
        assert "1234-5678" in str(html)


def test_a_letter_is_sent_once_and_then_says_nothing_any_more(
    database: None, mailoutbox: list[EmailMessage]
) -> None:
    letter = written(person=a_person())
    assert [deliver(letter_id=letter.pk), deliver(letter_id=letter.pk)] == [True, False]
    assert len(mailoutbox) == 1
    letter.refresh_from_db()
    assert (letter.values, letter.sent_at is not None) == ({}, True)


def test_two_workers_send_one_letter(database: None, mailoutbox: list[EmailMessage]) -> None:
    letter = written(person=a_person())

    def work(_number: int) -> bool:
        try:
            return deliver(letter_id=letter.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        assert sorted(workers.map(work, range(4))) == [False, False, False, True]
    assert len(mailoutbox) == 1


def test_an_address_without_account_is_not_kept(database: None, mailoutbox: list[EmailMessage]) -> None:
    address = f"{unique('x')}@example.org"
    letter = written(address=address)
    deliver(letter_id=letter.pk)
    assert mailoutbox[-1].to == [address]
    assert not Letter.objects.filter(pk=letter.pk).exists()


def test_a_letter_leaves_with_its_transaction_or_not_at_all(database: None) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        letter = written(person=a_person())
        assert jobs(letter) == 1
        raise ZeroDivisionError
    assert jobs(letter) == 0


def test_once_means_once(database: None) -> None:
    person, once = a_person(), unique("round opened")
    first = send_letter(kind="login_code", person=person, values=VALUES, once=once)
    with transaction.atomic():  # the refused second letter leaves the caller's transaction usable
        second = send_letter(kind="login_code", person=person, values=VALUES, once=once)
        assert Letter.objects.filter(once=once).count() == 1
    assert (first is not None, second) == (True, None)


def test_a_mail_server_that_is_down_leaves_the_letter_to_be_sent(
    database: None, mailoutbox: list[EmailMessage], settings: Settings
) -> None:
    letter = written(person=a_person())
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(ConnectionRefusedError):
        deliver(letter_id=letter.pk)
    settings.EMAIL_BACKEND = works
    assert deliver(letter_id=letter.pk) is True
    assert len(mailoutbox) == 1


def test_letters_that_nobody_took_are_forgotten_after_a_week(database: None) -> None:
    fresh, old, kept = (
        written(person=a_person()),
        written(person=a_person()),
        written(person=a_person(), once=unique("kept")),
    )
    Letter.objects.filter(pk__in=[old.pk, kept.pk]).update(created_at=present_time() - timedelta(days=8))
    forget_undelivered()
    left = {letter.pk: letter.values for letter in Letter.objects.filter(pk__in=[fresh.pk, old.pk, kept.pk])}
    assert left == {fresh.pk: VALUES, kept.pk: {}}
    assert deliver(letter_id=kept.pk) is False


def test_nothing_is_sent_to_who_has_left(database: None, mailoutbox: list[EmailMessage]) -> None:
    person = a_person()
    letter = written(person=person)
    delete_account(person=person)
    assert deliver(letter_id=letter.pk) is False
    assert mailoutbox == []
    letter.refresh_from_db()
    assert letter.values == {}


def test_a_line_break_in_a_value_begins_no_header(database: None, mailoutbox: list[EmailMessage]) -> None:
    letter = send_letter(kind="login_code", person=a_person(), values={"code": "1\r\nBcc: all@example.org"})
    assert letter is not None
    deliver(letter_id=letter.pk)
    assert mailoutbox[-1].subject.startswith("1 Bcc: all@example.org")
    assert mailoutbox[-1].recipients() == mailoutbox[-1].to


def test_values_come_back_as_they_were() -> None:
    values = {
        "at": datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        "cents": 12,
        "lines": [{"name": "A"}],
        "none": None,
    }
    assert unpack(pack(values)) == values


def test_the_worker_sends_what_was_written(database: None, tmp_path: Path) -> None:
    address = f"{unique('worker')}@example.org"
    written(address=address)
    there = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{there['USER']}:{there['PASSWORD']}@/{there['NAME']}?host={there['HOST']}",
        "ABONDE_MAIL_URL": f"file:///{tmp_path}",
    }
    command = [
        sys.executable,
        "-m",
        "abonde.config",
        "procrastinate",
        "worker",
        "--one-shot",
        "--queues=letters",
    ]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    assert sum(f"To: {address}" in mail.read_text() for mail in tmp_path.iterdir()) == 1
    assert not Letter.objects.filter(address=address).exists()


def gathered(**more: object) -> Letter:
    Letter.objects.filter(gathered=True).update(gathered=False)  # those of other tests
    letter = written(gathered=True, **more)
    assert jobs(letter) == 0
    return letter


def test_gathered_letters_go_out_together_each_once(database: None, mailoutbox: list[EmailMessage]) -> None:
    letters = [gathered(person=a_person())]
    letters += [written(gathered=True, person=a_person()) for _ in range(2)]
    assert [send_gathered(), send_gathered()] == [3, 0]
    assert len(mailoutbox) == 3
    for letter in letters:
        letter.refresh_from_db()
        assert (letter.values, letter.sent_at is not None, letter.gathered) == ({}, True, False)


def test_a_gathered_letter_that_no_server_takes_goes_on_alone_and_holds_up_no_other(
    database: None, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    gone = a_person()
    letters = [gathered(person=gone), written(gathered=True, person=a_person(), once=unique("once"))]
    delete_account(person=gone)
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nobody listens there
    assert send_gathered() == 0
    assert [jobs(letter) for letter in letters] == [0, 1]
    settings.EMAIL_BACKEND = works
    assert (send_gathered(), len(mailoutbox)) == (0, 0)  # it is its own job's now
    assert deliver(letter_id=letters[1].pk)
