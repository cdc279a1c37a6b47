"""Who visits: the person who came along with the session, in the same query."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from abonde.people.models import Person
from abonde.people.sessions import SessionStore


class Visitors(AuthenticationMiddleware):
    """Django's own, which asks for the person once more only where anything is not as it should be."""

    def process_request(self, request: HttpRequest) -> None:
        """Give the request its `user`."""
        super().process_request(request)
        known = SimpleLazyObject(lambda: _person_of(request.session) or get_user(request))
        request.user = known  # type: ignore[assignment]  # as Django's own does


def _person_of(session: SessionBase) -> Person | AnonymousUser | None:
    """Whose session it is, if that is beyond doubt: active, and logged in under the present secret key."""
    held = {key: session.get(key, "") for key in (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY)}
    person = session.person if isinstance(session, SessionStore) else None
    if (
        person is None
        or not person.is_active
        or held[SESSION_KEY] != str(person.pk)
        or held[BACKEND_SESSION_KEY] not in settings.AUTHENTICATION_BACKENDS
        or not constant_time_compare(held[HASH_SESSION_KEY], person.get_session_auth_hash())
    ):
        return None
    return person
