"""Where sessions are kept: Django's own store in the database, which also remembers whose each one is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db.models import QuerySet
from django.utils import timezone

from abonde.core.prepared import prepared
from abonde.people.models import Person, Session


class SessionStore(DatabaseSessions):
    """The SESSION_ENGINE of the platform."""

    person: Person | None = None
    """Whose session it is, as the database knows; read along with it."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        found = _session.first(self.session_key or "", timezone.now())
        if found is None:
            self._session_key = None
        else:
            self.person = found.person
        return found

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        assert isinstance(session, Session)  # noqa: S101  (what get_model_class says)
        session.person_id = data.get(SESSION_KEY)
        return session


@prepared
def _session(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now).select_related("person")
