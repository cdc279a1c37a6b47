"""Where sessions are kept: Django's own store in the database, which also remembers whose each one is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

from abonde.people.models import Session


class SessionStore(DatabaseSessions):
    """The SESSION_ENGINE of the platform."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        assert isinstance(session, Session)  # noqa: S101  (what get_model_class says)
        session.person_id = data.get(SESSION_KEY)
        return session
