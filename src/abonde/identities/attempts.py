"""Log-ins under way: left for a provider in one browser, back once, in the same browser, within ten minutes."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass

from django.db import transaction

from abonde.core.clock import present_time
from abonde.core.sealing import seal, unseal
from abonde.identities.models import LIFE_OF_ATTEMPT, Attempt, Provider
from abonde.identities.refusing import Untrusted
from abonde.people.models import Person

BYTES_OF_CHANCE = 32


@dataclass(frozen=True)
class Underway:
    """What a log-in needs on its way back."""

    nonce: str
    verifier: str
    next: str


def leave(*, provider: Provider, browser: str, next: str, linking: Person | None) -> tuple[str, Underway]:  # noqa: A002
    """Begin a log-in; gives its state, which nobody else knows. `linking` is who adds an identity to their account."""
    state, nonce, verifier = (secrets.token_urlsafe(BYTES_OF_CHANCE) for _ in range(3))
    underway = Underway(nonce, verifier, next)
    Attempt.objects.filter(began_at__lt=present_time() - LIFE_OF_ATTEMPT).delete()
    Attempt.objects.create(
        provider=provider,
        state=digest(state),
        browser=digest(browser),
        sealed=seal(json.dumps(asdict(underway)).encode()),
        person=linking,
    )
    return state, underway


def come_back(*, provider: Provider, browser: str, state: str) -> tuple[Underway, Person | None]:
    """Take the log-in that left with this state, and who linked an identity. Raises Untrusted if there is none."""
    with transaction.atomic():
        found = (
            Attempt.objects.select_for_update(of=("self",))
            .select_related("person")
            .filter(
                provider=provider,
                state=digest(state),
                browser=digest(browser),
                began_at__gte=present_time() - LIFE_OF_ATTEMPT,
            )
            .first()
        )
        if found is None:
            raise Untrusted(
                "This log-in is over, or was begun in another browser: begin again from the log-in page."
            )
        found.delete()
    assert found.person is None or isinstance(found.person, Person)  # noqa: S101  (AUTH_USER_MODEL)
    return Underway(**json.loads(unseal(bytes(found.sealed)))), found.person


def digest(text: str) -> bytes:
    """SHA-256: what is compared is not what is known."""
    return hashlib.sha256(text.encode()).digest()
