"""Which providers can prove who somebody is at civil registry, and who could claim a voice by that."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from abonde.identities.models import Kind, Provider
from abonde.identities.proof import Proof
from abonde.people.models import Person
from abonde.register.models import Certificate, Register
from abonde.web.voices.claiming import claimable


def proving_providers() -> QuerySet[Provider]:
    """FranceConnect, as often as it is offered."""
    return Provider.objects.filter(kind=Kind.FRANCECONNECT, enabled=True).order_by("label", "pk")


def voices_to_claim(person: Person) -> QuerySet[Register]:
    """The certified registers of rounds that go on or come, in which the person has no voice yet."""
    held = Certificate.objects.filter(register=OuterRef("pk"), person=person, revoked_at=None)
    return claimable().filter(~Exists(held))


def tells_who(proof: Proof) -> bool:
    """Whether the provider was asked for names and birth, and told them."""
    return "family_name" in proof.claims
