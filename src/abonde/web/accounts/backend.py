"""Who a session belongs to: allauth's log-in, with a query that every page of somebody who has logged in asks."""

from __future__ import annotations

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend

from abonde.people.models import Person
from abonde.people.queries import active_person


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """The AUTHENTICATION_BACKENDS of the platform."""

    def get_user(self, user_id: UUID) -> Person | None:
        """The person, unless the account is deleted."""
        return active_person(user_id)
