"""Accounts: begun by an e-mail address, edited and deleted by their person."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import get_language

from abonde.core.clock import transaction_time
from abonde.core.events import record_event
from abonde.matching.refusal import Refusals
from abonde.people.leaving import farewells, hindrances_of
from abonde.people.models import Person, Session

UNCONFIRMED: Final = timedelta(days=1)
LANGUAGES: Final = ("fr", "en")


def account_for(*, address: str) -> Person:
    """The account to which a code sent to the address gives access, begun if there is none.

    An address that an account has only claimed and not confirmed leads to no account but one that has nothing else:
    writing somebody's address into one's own account opens nothing. One lock per address keeps two tabs from
    beginning two accounts.
    """
    address = address.strip().lower()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"account:{address}"])
        confirmed = EmailAddress.objects.filter(user_id=OuterRef("user_id"), verified=True)
        known = EmailAddress.objects.filter(email=address, user__deleted_at=None).select_related("user")
        for found in (
            known.filter(verified=True),
            known.filter(~Exists(confirmed), primary=True),
        ):
            if (one := found.first()) is not None:
                person = one.user
                assert isinstance(person, Person)  # noqa: S101  (AUTH_USER_MODEL)
                return person
        return _begin(address)


def edit_person(*, person: Person, name: str, language: str) -> Person:
    """Change how the person is called, and in which language they are written to."""
    with transaction.atomic():
        locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        locked.name, locked.language = " ".join(name.split())[:150], language
        locked.save(update_fields=["name", "language"])
        record_event(actor=locked.actor, verb="edit_person", subject=locked, after={"language": language})
    return locked


def delete_account(*, person: Person) -> None:
    """Empty the account: name, addresses, keys and sessions go; the random id stays with what was given.

    Raises Refusals where somebody would be left waiting.
    """
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        if locked.deleted_at is not None:
            return
        if hindrances := hindrances_of(locked):
            raise Refusals(hindrances)
        for say_farewell in farewells:
            say_farewell(locked)
        EmailAddress.objects.filter(user_id=locked.pk).delete()
        Authenticator.objects.filter(user_id=locked.pk).delete()
        Session.objects.filter(person=locked).delete()
        locked.email, locked.name, locked.last_login = None, "", None
        locked.deleted_at = transaction_time()
        locked.set_unusable_password()
        locked.save()
        record_event(actor=locked.actor, verb="delete_account", subject=locked)


def forget_unconfirmed_accounts() -> int:
    """Remove accounts that were begun more than a day ago and whose address nobody confirmed; how many."""
    confirmed = EmailAddress.objects.filter(user_id=OuterRef("pk"), verified=True)
    begun = Person.objects.filter(
        ~Exists(confirmed), last_login=None, deleted_at=None, created_at__lt=transaction_time() - UNCONFIRMED
    ).exclude(emailaddress=None)
    with transaction.atomic():
        forgotten = list(begun.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
        Person.objects.filter(pk__in=forgotten).delete()
    return len(forgotten)


def _begin(address: str) -> Person:
    language = (get_language() or "fr")[:2]
    person = Person(email=address, language=language if language in LANGUAGES else "fr")
    person.set_unusable_password()
    person.save(force_insert=True)
    EmailAddress.objects.create(user_id=person.pk, email=address, primary=True, verified=False)
    return person
