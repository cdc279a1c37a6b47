"""Writing the event log; every action does, in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Model

from abonde.core.models import Event
from abonde.core.prepared import insert_row


def record_event(
    *,
    actor: str | None,
    verb: str,
    subject: Model,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    tenant: str | None = None,
) -> Event:
    """Say that `actor` (`kind:id`; None is the platform itself) did `verb` to `subject`.

    `before` and `after` hold what changed, as JSON without personal data: the log cannot be erased. The instant is the
    database's. Raises IntegrityError if a reference is not of the form `kind:id`.
    """
    event = Event(
        actor=actor,
        verb=verb,
        subject_type=subject._meta.label_lower,  # noqa: SLF001  (Django's documented door to a model's name)
        subject_id=str(subject.pk),
        tenant=tenant,
        before=before,
        after=after,
    )
    insert_row(event)
    return event
