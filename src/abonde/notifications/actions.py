"""Writing letters, and sending each of them once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language

from abonde.core.clock import transaction_time
from abonde.core.prepared import insert_unless_there, prepared, update_row
from abonde.notifications import tasks
from abonde.notifications.letters import pack, write
from abonde.notifications.models import Letter
from abonde.people.models import Person

GIVEN_UP: Final = timedelta(days=7)
LANGUAGES: Final = ("fr", "en")


def send_letter(
    *,
    kind: str,
    person: Person | None = None,
    address: str = "",
    language: str | None = None,
    values: Mapping[str, object] | None = None,
    once: str | None = None,
) -> Letter | None:
    """Write a letter to `person`, or to an `address` without an account; a job sends it after the commit.

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
    )
    with transaction.atomic(savepoint=False):
        if not insert_unless_there(letter):
            return None
        tasks.send.defer(letter=str(letter.pk))
    return letter


def deliver(*, letter_id: UUID | str) -> bool:
    """Hand the letter over to the mail server, and keep nothing of what it said. False: there was nothing to send.

    The row is locked meanwhile, so that no two workers send it. A crash between the mail server's answer and the commit
    sends it a second time: for a letter that is better than never.
    """
    with transaction.atomic():
        letter = _unsent.first(UUID(str(letter_id)), transaction_time() - GIVEN_UP)
        if letter is None:
            return False
        recipient = letter.person.email if letter.person else letter.address
        if not recipient:
            Letter.objects.filter(pk=letter.pk).update(values={})
            return False
        written = write(letter)
        message = EmailMultiAlternatives(written.subject, written.text, to=[recipient])
        message.attach_alternative(written.html, "text/html")
        message.extra_headers["Auto-Submitted"] = "auto-generated"
        message.send()
        if letter.person is None and letter.once is None:
            letter.delete()  # no reason is left to keep the address
        else:
            letter.values, letter.sent_at = {}, transaction_time()
            update_row(letter, "values", "sent_at")
    return True


@prepared
def _unsent(letter: UUID, since: datetime) -> QuerySet[Letter]:
    rows = Letter.objects.select_for_update(of=("self",)).select_related("person")
    return rows.filter(pk=letter, sent_at=None, created_at__gt=since)


def forget_undelivered() -> int:
    """Remove letters that no mail server has taken for a week; how many. Unrepeatable ones stay, and say nothing."""
    old = Letter.objects.filter(sent_at=None, created_at__lt=transaction_time() - GIVEN_UP)
    with transaction.atomic():
        old.filter(once__isnull=False).update(values={})
        return old.filter(once=None).delete()[0]
