"""Signatures under texts: made once by each organisation of the trio, and verified whenever they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.db.transaction import atomic

from abonde.core.transitions import NotNow
from abonde.organisations.models import Organisation, Role, SigningKey
from abonde.organisations.permissions import NotAllowed, require_role, require_second_factor
from abonde.organisations.signing import sign, verify
from abonde.people.models import Person
from abonde.rounds.guards import record, require_draft
from abonde.rounds.letters import tell_managers
from abonde.rounds.models import Round, Signature, SignedText, Subject
from abonde.rounds.queries import signatures_of, signers_of, texts_of
from abonde.rounds.rules_text import is_current
from abonde.rounds.states import JOINED_IN, State


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSignature:
    """A signature, and whether it holds: the text is the one of its hash, and the key the organisation's own."""

    signature: Signature
    holds: bool

    @property
    def key_hex(self) -> str:
        """The public key, as it is published."""
        return bytes(self.signature.public_key).hex()

    @property
    def signature_hex(self) -> str:
        """The signature, as it is published."""
        return bytes(self.signature.signature).hex()


def checked_signatures(text: SignedText) -> list[CheckedSignature]:
    """Every signature under the text, each verified now."""
    found = list(signatures_of(text))
    keys: dict[int, set[bytes]] = {}
    owners = [one.organisation_id for one in found]
    for owner, key in SigningKey.objects.filter(organisation__in=owners).values_list(
        "organisation_id", "public_key"
    ):
        keys.setdefault(owner, set()).add(bytes(key))
    return [
        CheckedSignature(signature=one, holds=_holds(text, one, keys.get(one.organisation_id, set())))
        for one in found
    ]


def missing_signatures(text: SignedText, signers: Iterable[Organisation]) -> list[Organisation]:
    """Those who have not signed the text, or whose signature does not hold."""
    signed = {one.signature.organisation_id for one in checked_signatures(text) if one.holds}
    return [organisation for organisation in signers if organisation.pk not in signed]


def is_to_sign(round: Round, text: SignedText) -> bool:  # noqa: A002  (the word of the domain)
    """Whether the text may be signed now. A funder that joins an open round signs the rules that it opened with."""
    if text.subject == Subject.RESULTS:
        return round.state == State.PROVISIONAL and texts_of(round, Subject.RESULTS)[0] == text
    if round.state == State.DRAFT:
        return is_current(round, text)
    return round.opened_with_id == text.pk and round.state in JOINED_IN


@atomic
def sign_text(*, person: Person, organisation: Organisation, text: SignedText) -> Signature:
    """A manager signs for an organisation of the trio, with its Ed25519 key. Signed again, it is the first signature.

    Pages ask for the second factor once more before this. Raises NotAllowed, and NotNow for a text that is no longer
    the one to sign.
    """
    require_role(person, organisation, Role.MANAGER)
    require_second_factor(person)
    round_ = Round.locked(text.round_id, seen=None)
    signers = signers_of(round_)
    if organisation.pk not in {one.pk for one in signers}:
        raise NotAllowed(
            "{organisation} takes no part in {round}, and has nothing to sign there.",
            organisation=organisation.name,
            round=round_.name,
        )
    signed = Signature.objects.filter(signed_text=text, organisation=organisation).first()
    if signed is not None:
        return signed
    _require_to_sign(round_, text)
    public_key, signature = sign(organisation, text.canonical.encode())
    made = Signature.objects.create(
        signed_text=text, organisation=organisation, signer=person, public_key=public_key, signature=signature
    )
    after: dict[str, object] = {"organisation": organisation.pk, "sha256": text.sha256}
    record(person, f"sign_{text.subject}", round_, subject=made, after=after)
    opens = text.subject == Subject.RULES and round_.state == State.DRAFT
    if opens and not missing_signatures(text, signers):
        tell_managers("round-all-signed", round_, [round_.host], once=text.sha256)
    return made


def _require_to_sign(round: Round, text: SignedText) -> None:  # noqa: A002
    if is_to_sign(round, text):
        return
    if text.subject == Subject.RESULTS:
        raise NotNow("There is a newer result: this text is no longer the one to sign.")
    require_draft(round)
    raise NotNow(
        "The draft has changed since this text was written: ask {host} for the new text.",
        host=round.host.name,
    )


def _holds(text: SignedText, signature: Signature, keys: set[bytes]) -> bool:
    exact, key = text.canonical.encode(), bytes(signature.public_key)
    return (
        key in keys
        and sha256(exact).hexdigest() == text.sha256
        and verify(key, exact, bytes(signature.signature))
    )
