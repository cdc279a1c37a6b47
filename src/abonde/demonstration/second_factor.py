"""The second factor of invented agents: a TOTP whose present code the demonstration shows."""

from __future__ import annotations

import hashlib
from base64 import b32encode

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time

from abonde.people.models import Person

SECRET_BYTES = 20


def give_second_factor(person: Person) -> None:
    """A TOTP that is no secret: it follows from the person's id."""
    TOTP.activate(person, _secret(person))


def code_of_the_moment(person: Person) -> str:
    """What the person's application would show now; nothing for those who have none."""
    if not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
        return ""
    before, now, *after = yield_hotp_counters_from_time()
    return str(format_hotp_value(hotp_value(_secret(person), now if after else before)))


def _secret(person: Person) -> str:
    return b32encode(hashlib.sha256(f"demonstration {person.pk}".encode()).digest()[:SECRET_BYTES]).decode()
