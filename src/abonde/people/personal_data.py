"""What the platform keeps about a person, told in words and given out as JSON.

Each room that keeps something about people adds one `Kept` to `sources` when the platform starts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.core.clock import transaction_time
from abonde.core.models import Event
from abonde.people.models import Person, Session


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data: what it is, why it is needed, until when it stays, and the rows themselves as JSON values."""

    key: str
    what: str | Promise
    why: str | Promise
    until: str | Promise
    data: Callable[[Person], object]


def export(person: Person) -> dict[str, object]:
    """All rows about the person, for DjangoJSONEncoder."""
    return {"exported_at": transaction_time(), **{kept.key: kept.data(person) for kept in sources}}


def _account(person: Person) -> dict[str, object]:
    addresses = EmailAddress.objects.filter(user_id=person.pk).order_by("pk")
    return {
        "id": person.pk,
        "name": person.name,
        "language": person.language,
        "created_at": person.created_at,
        "last_login": person.last_login,
        "addresses": list(addresses.values("email", "verified", "primary")),
    }


def _ways_in(person: Person) -> dict[str, object]:
    keys = Authenticator.objects.filter(user_id=person.pk).order_by("pk")
    sessions = Session.objects.filter(person=person, expire_date__gt=transaction_time())
    return {
        "second_factors": list(keys.values("type", "created_at", "last_used_at")),
        "sessions": list(sessions.order_by("expire_date").values("expire_date")),
    }


def _events(person: Person) -> list[dict[str, object]]:
    done = Event.objects.filter(actor=person.actor).order_by("pk")
    return [dict(one) for one in done.values("at", "verb", "subject_type", "subject_id")]


sources: Final[list[Kept]] = [
    Kept(
        key="account",
        what=_("Your name, your language and your e-mail addresses"),
        why=_("to know you again and to write to you"),
        until=_("until you delete your account"),
        data=_account,
    ),
    Kept(
        key="ways_in",
        what=_("Your passkeys, codes and open sessions"),
        why=_("so that nobody else enters in your place"),
        until=_("until you remove them; a session ends after 14 days"),
        data=_ways_in,
    ),
    Kept(
        key="events",
        what=_("What you did here and when: each step that changes something, under your random number"),
        why=_("so that everybody can trust the accounts, and that abuse can be found"),
        until=_("for good; after your account is deleted the number leads to nobody"),
        data=_events,
    ),
]
