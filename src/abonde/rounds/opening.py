"""From a draft to an open round: the text that is signed, and the moment from which nothing of it changes."""

from __future__ import annotations

from django.db.transaction import atomic

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.organisations.permissions import require_role, require_second_factor
from abonde.people.models import Person
from abonde.rounds.guards import draft, record
from abonde.rounds.letters import tell_managers
from abonde.rounds.models import Round, SignedText, Subject
from abonde.rounds.moving import move
from abonde.rounds.queries import signers_of
from abonde.rounds.readiness import NotReady, require_written, unsigned
from abonde.rounds.rules_text import current_text, rules_text
from abonde.rounds.signing import missing_signatures
from abonde.rounds.states import State


@atomic
def write_rules_text(*, person: Person, round: Round, seen: int | None = None) -> SignedText:  # noqa: A002
    """Write the règlement of the draft, for the trio to sign; an unchanged draft has the same text again.

    The trio's managers get a letter. Raises NotAllowed, NotNow, NotReady, ChangedMeanwhile.
    """
    locked = draft(person, round.pk, seen)
    require_written(locked)
    current = current_text(locked)
    if current is not None:
        return current
    written = rules_text(locked)
    text = SignedText.objects.create(
        round=locked,
        subject=Subject.RULES,
        text=written.text,
        canonical=written.canonical,
        sha256=written.sha256,
    )
    record(person, "write_rules_text", locked, subject=text, after={"sha256": text.sha256})
    tell_managers(
        "round-to-sign", locked, signers_of(locked), once=text.sha256, sha256=text.sha256, text=text.pk
    )
    return text


@atomic
def open_round(*, person: Person, round: Round, seen: int | None = None) -> Round:  # noqa: A002
    """Freeze the rules under the trio's signatures, and let the clock move the round from now on.

    Raises NotAllowed, NotNow, ChangedMeanwhile, and NotReady with everything that is lacking.
    """
    require_role(person, round.host, Role.MANAGER)
    require_second_factor(person)
    locked = draft(person, round.pk, seen)
    require_written(locked)
    text = current_text(locked)
    if text is None:
        raise NotReady([Refusal("Write the text of the rules, for the trio to sign.")])
    signers = signers_of(locked)
    if missing := missing_signatures(text, signers):
        raise NotReady([unsigned(organisation) for organisation in missing])
    locked.opened_with = text
    locked.save(update_fields=["opened_with"])
    move(round=locked, state=State.APPLICATIONS, person=person, verb="open_round")
    tell_managers("round-opened", locked, signers, once="opened")
    return locked


@atomic
def cancel_round(*, person: Person, round: Round, seen: int | None = None) -> Round:  # noqa: A002
    """Give a draft up. Raises NotAllowed, NotNow once it has opened, ChangedMeanwhile."""
    locked = draft(person, round.pk, seen)
    return move(round=locked, state=State.CANCELLED, person=person, verb="cancel_round")
