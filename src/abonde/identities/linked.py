"""The identities of an account: what it shows of them, and how one is taken off again."""

from __future__ import annotations

from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from abonde.core.events import record_event
from abonde.identities.models import Identity, Provider
from abonde.identities.roles import end_roles_given_to
from abonde.matching.refusal import Refusal
from abonde.notifications.actions import send_letter
from abonde.people.models import Person
from abonde.people.personal_data import Kept


class LastWayIn(Refusal):
    """Without this identity nothing opens the account any more."""


def identities_of(person: Person) -> QuerySet[Identity]:
    """The person's identities with their providers, oldest first."""
    return Identity.objects.filter(person=person).select_related("provider").order_by("linked_at", "pk")


def providers_to_link(person: Person) -> QuerySet[Provider]:
    """Those that are offered and that the person has not linked yet, as the log-in page orders them."""
    return (
        Provider.objects.filter(enabled=True)
        .exclude(identities__person=person)
        .select_related("organisation")
        .order_by("label", "pk")
    )


def is_last_way_in(identity: Identity) -> bool:
    """Whether neither an address, nor a passkey, nor another provider that is offered opens the account."""
    person = identity.person_id
    others = Identity.objects.filter(person=person, provider__enabled=True).exclude(pk=identity.pk)
    passkeys = Authenticator.objects.filter(user_id=person, type=Authenticator.Type.WEBAUTHN)
    return not (
        others.exists()
        or EmailAddress.objects.filter(user_id=person, verified=True).exists()
        or any(key.wrap().is_passwordless for key in passkeys)
    )


def unlink_identity(*, person: Person, identity: Identity, knowingly: bool = False) -> None:
    """Take an identity off one's own account, with the roles that its provider gave.

    Raises LastWayIn unless the person does so `knowingly`, and Refusal for an identity that is gone.
    """
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        found = identities_of(person).filter(pk=identity.pk).first()
        if found is None:
            raise Refusal("This identity is no longer linked to your account.")
        if not knowingly and is_last_way_in(found):
            raise LastWayIn(
                "This is the only way into your account: add an e-mail address or a passkey first, or say that you "
                "give the account up."
            )
        end_roles_given_to(person, found.provider)
        record_event(actor=person.actor, verb="unlink_identity", subject=found)
        found.delete()
        send_letter(kind="security_change", person=person, values={"change": "identity_unlinked"})


def _personal_data(person: Person) -> list[dict[str, object]]:
    return [{"provider": one.provider.label, "linked_at": one.linked_at} for one in identities_of(person)]


KEPT: Final = Kept(
    key="identities",
    what=_("The providers by which you log in, and since when"),
    why=_(
        "to know you again when you come by them; neither your name there nor your number, only a fingerprint of it"
    ),
    until=_("until you unlink them or delete your account"),
    data=_personal_data,
)
