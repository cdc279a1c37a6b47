"""Who has a voice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from abonde.core.prepared import prepared
from abonde.organisations.models import Organisation
from abonde.people.models import Person
from abonde.people.personal_data import Kept
from abonde.register.models import Certificate, Entry, Import, Register
from abonde.register.states import State


def has_voice(person: Person, register: Register) -> bool:
    """Whether the person has a voice in the register now."""
    return Certificate.objects.filter(person=person, register=register, revoked_at=None).exists()


def voice_since(person: Person, register: Register) -> datetime | None:
    """Since when (UTC) the person has had the voice that they have in the register now; None without one."""
    return _held_since.first(person.pk, register.pk)


@prepared
def _held_since(person: UUID, register: int) -> QuerySet[Certificate, datetime]:
    held = Certificate.objects.filter(person=person, register=register, revoked_at=None)
    return held.values_list("granted_at", flat=True)


def voices_among(
    register: Register, person_ids: Iterable[UUID], *, before: datetime | None = None
) -> set[UUID]:
    """Those of the persons who have a voice in the register now, and had it `before` then (UTC) if that is given."""
    held = Certificate.objects.filter(register=register, revoked_at=None, person_id__in=list(person_ids))
    if before is not None:
        held = held.filter(granted_at__lt=before)
    return set(held.values_list("person_id", flat=True))


def voices_of(person: Person) -> QuerySet[Certificate]:
    """The person's voices, revoked ones included, oldest first."""
    return (
        Certificate.objects.filter(person=person)
        .select_related("register__owner")
        .order_by("granted_at", "pk")
    )


def number_of_voices(register: Register) -> int:
    """How many people have a voice in the register now."""
    return Certificate.objects.filter(register=register, revoked_at=None).count()


def registers_of(organisation: Organisation) -> QuerySet[Register]:
    """The registers that the organisation answers for, by name, each with its `present` entries and its `voices`."""
    voices = Certificate.objects.filter(register=OuterRef("pk"), revoked_at=None).order_by()
    present = Entry.objects.filter(register=OuterRef("pk"), left_at=None).order_by()
    return (
        Register.objects.filter(owner=organisation)
        .annotate(present=_number(present), voices=_number(voices))
        .order_by("name", "id")
    )


def imports_of(register: Register) -> QuerySet[Import]:
    """What was ever brought to the register, the newest first."""
    return Import.objects.filter(register=register).select_related("person").order_by("-id")


def certificates_of(
    register: Register, *, reference: str = "", method: str = "", state: str = ""
) -> QuerySet[Certificate]:
    """The voices of a register, the newest first; `state` is "held", "revoked" or all. Nothing of their persons is asked for."""
    rows = Certificate.objects.filter(register=register)
    if plain := "".join(character for character in reference if character.isalnum()):
        number = Certificate.number_of(plain)
        rows = rows.filter(pk=number) if number is not None else rows.none()
    if method:
        rows = rows.filter(method=method)
    if state:
        rows = rows.filter(revoked_at__isnull=state == "held")
    return rows.select_related("register").order_by("-granted_at", "-pk")


def compared_imports(organisation: Organisation) -> QuerySet[Import]:
    """The files that have been compared with a register of the organisation and wait for a decision."""
    waiting = Import.objects.filter(register__owner=organisation, state=State.COMPARED)
    return waiting.select_related("register").order_by("id")


def _number(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.values("register").annotate(number=Count("id")).values("number")
    return Coalesce(Subquery(counted), 0)


def personal_data(person: Person) -> list[dict[str, object]]:
    """The person's voices, for the export of their data."""
    return [
        {
            "register": certificate.register.name,
            "method": certificate.method,
            "granted_at": certificate.granted_at,
            "revoked_at": certificate.revoked_at,
            "reason": certificate.reason,
        }
        for certificate in voices_of(person)
    ]


KEPT: Final = Kept(
    key="voices",
    what=_("Your voices, each tied to a fingerprint that reads as nothing"),
    why=_("so that one person has one voice"),
    until=_("for as long as the register; after your account is deleted they lead to nobody"),
    data=personal_data,
)
