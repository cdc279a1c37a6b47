"""Writing letters, and sending each of them once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language

from abonde.core.alone import alone
from abonde.core.clock import transaction_time
from abonde.core.prepared import insert_unless_there, prepared, update_row
from abonde.notifications import tasks
from abonde.notifications.letters import pack, write
from abonde.notifications.models import Letter
from abonde.people.models import Person

GIVEN_UP: Final = timedelta(days=7)
LANGUAGES: Final = ("fr", "en")
AT_ONCE: Final = 200
"""How many gathered letters are looked up in one query."""

logger = logging.getLogger(__name__)


def send_letter(
    *,
    kind: str,
    person: Person | None = None,
    address: str = "",
    language: str | None = None,
    values: Mapping[str, object] | None = None,
    once: str | None = None,
    gathered: bool = False,
) -> Letter | None:
    """Write a letter to `person`, or to an `address` without an account; a job sends it after the commit.

    A `gathered` one goes out some seconds later together with others, in one job for all: for letters that very many
    people get at the same time, and for which nobody waits in front of a screen.

    `values` fill the templates `letters/<kind>.*`: numbers, texts, dates and moments, no more than they need. The letter
    speaks `language`, else the person's, else that of the present page. With `once`, the same letter is written at most
    once for ever: None says that it has been.
    """
    spoken = language or (person.language if person else get_language() or "fr")[:2]
    letter = Letter(
        kind=kind,
        person=person,
        address=address,
        language=spoken if spoken in LANGUAGES else "fr",
        values=pack(values or {}),
        once=once,
        gathered=gathered,
    )
    with transaction.atomic(savepoint=False):
        if not insert_unless_there(letter):
            return None
        if not gathered:
            tasks.send.defer(letter=str(letter.pk))
    return letter


def deliver(*, letter_id: UUID | str) -> bool:
    """Hand the letter over to the mail server, and keep nothing of what it said. False: there was nothing to send.

    The row is locked meanwhile, so that no two workers send it. A crash between the mail server's answer and the commit
    sends it a second time: for a letter that is better than never.
    """
    with transaction.atomic():
        now = transaction_time()
        letter = _unsent.first(UUID(str(letter_id)), now - GIVEN_UP)
        if letter is None:
            return False
        recipient = letter.person.email if letter.person else letter.address
        if not recipient:
            Letter.objects.filter(pk=letter.pk).update(values={}, gathered=False)
            return False
        written = write(letter)
        message = EmailMultiAlternatives(written.subject, written.text, to=[recipient])
        message.attach_alternative(written.html, "text/html")
        message.extra_headers["Auto-Submitted"] = "auto-generated"
        message.send()
        if letter.person is None and letter.once is None:
            letter.delete()  # no reason is left to keep the address
        else:
            letter.values, letter.sent_at, letter.gathered = {}, now, False
            update_row(letter, "values", "sent_at", "gathered")
    return True


def send_gathered() -> int:
    """Send all letters that wait for others; how many went out. One that cannot be sent now gets a job of its own.

    Each is its own transaction: a crash sends one a second time, not all of them.
    """
    sent = 0
    with alone("send gathered letters") as first:
        while first and (waiting := _gathered(transaction_time() - GIVEN_UP)):
            for letter in waiting:
                try:
                    sent += deliver(letter_id=letter)
                except Exception as failure:  # noqa: BLE001  (whatever a mail server says; the others must not wait for it)
                    logger.warning("A letter waits for its next try: %s", type(failure).__name__)
                    _send_alone(letter)
    return sent


def _send_alone(letter: UUID) -> None:
    with transaction.atomic():
        if Letter.objects.filter(pk=letter, gathered=True).update(gathered=False):
            tasks.send.defer(letter=str(letter))


@prepared
def _unsent(letter: UUID, since: datetime) -> QuerySet[Letter]:
    rows = Letter.objects.select_for_update(of=("self",)).select_related("person")
    return rows.filter(pk=letter, sent_at=None, created_at__gt=since)


@prepared
def _gathered(since: datetime) -> QuerySet[Letter, UUID]:
    rows = Letter.objects.filter(gathered=True, sent_at=None, created_at__gt=since)
    return rows.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE]


def forget_undelivered() -> int:
    """Remove letters that no mail server has taken for a week; how many. Unrepeatable ones stay, and say nothing."""
    old = Letter.objects.filter(sent_at=None, created_at__lt=transaction_time() - GIVEN_UP)
    with transaction.atomic():
        old.filter(once__isnull=False).update(values={}, gathered=False)
        return old.filter(once=None).delete()[0]
