"""What is done about results. Each action is one transaction: all of it happens, or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import connection
from django.db.transaction import atomic

from abonde.core.clock import present_time
from abonde.core.events import record_event
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.organisations.permissions import require_role, require_second_factor
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.rounds.actions import move
from abonde.rounds.models import Round, SignedText
from abonde.rounds.states import State
from abonde.settlement import tasks
from abonde.settlement.computing import compute, read_inputs
from abonde.settlement.models import Computation, Objection, Ruling
from abonde.settlement.paying import pay_projects
from abonde.settlement.queries import latest, missing_signatures, open_objections, undecided_payments
from abonde.settlement.reading import check_kept
from abonde.settlement.results_text import write_text
from abonde.settlement.storing import store

LONGEST_TEXT: Final = 5_000
"""Characters of an objection, an answer or a reason."""

MOST_OPEN_OBJECTIONS: Final = 10
"""Of one person in one round, before the host has answered."""


def compute_result(
    *,
    round: Round,  # noqa: A002  (the word of the domain)
    reason: str,
    person: Person | None = None,
    without_late: bool = False,
) -> Computation:
    """Compute the result of a closed round, or compute it again, and publish it as provisional.

    `person` is an agent of the host, None where the platform computes by itself; `reason` stands beside the result.
    `without_late` leaves out the payments that are still undecided. Where nothing changed since the last computation,
    that one is returned. Two at once wait for each other. Raises NotAllowed, NotNow, Refusal.
    """
    if person is not None:
        require_role(person, round.host, Role.TREASURER)
        require_second_factor(person)
    written = _text(reason, Refusal("Say why the result is computed: the reason stands beside it."))
    with atomic():
        _one_at_a_time(round)
        _check_state(round, State.CLOSED, State.PROVISIONAL)
        late = undecided_payments(round).count()
        if late and not without_late:
            raise NotNow(
                "Payments of this round are still under way: {count}. Wait until they are decided, or decide with "
                "your reason that they are left out.",
                count=late,
            )
        check_kept(round)
        inputs = read_inputs(round)
        before = latest(round)
        if before is not None and before.fingerprint == inputs.fingerprint:
            return before
        computation = store(
            compute(inputs),
            round,
            number=before.number + 1 if before else 1,
            reason=written,
            left_out=late,
        )
        _publish(round, computation, person)
    return computation


def raise_objection(
    *,
    person: Person,
    round: Round,  # noqa: A002
    text: str,
    project: Project | None = None,
) -> Objection:
    """Object to the provisional result, or to what it gives to one project. Raises NotNow, Refusal."""
    written = _text(text, Refusal("Say what you object to, and why."))
    if project is not None and project.round_id != round.pk:
        raise Refusal("This project is not one of the round.")
    with atomic():
        locked = Round.locked(round.pk, seen=None)
        computation = latest(locked)
        if locked.state != State.PROVISIONAL or computation is None:
            raise NotNow("Objections are raised while the result is provisional.")
        if locked.objections_close_at is None or present_time() >= locked.objections_close_at:
            raise NotNow("The time for objections to this result is over.")
        if open_objections(locked).filter(person=person).count() >= MOST_OPEN_OBJECTIONS:
            raise NotNow(
                "Several of your objections still wait for an answer; wait for it before you add one."
            )
        objection = Objection.objects.create(
            computation=computation, person=person, project=project, text=written
        )
        record_event(
            actor=person.actor,
            verb="raise_objection",
            subject=objection,
            after={"computation": computation.number, "project": project.key if project else None},
            tenant=locked.host.reference,
        )
        tasks.announce_objection.defer(objection=objection.pk)
    return objection


def decide_objection(*, person: Person, objection: Objection, upheld: bool, answer: str) -> Objection:
    """Answer an objection for the host. An upheld one changes nothing by itself: mend its cause and compute again.

    Raises NotAllowed, NotNow, Refusal.
    """
    host = objection.computation.round.host
    require_role(person, host, Role.REVIEWER)
    require_second_factor(person)
    written = _text(
        answer, Refusal("Write an answer: the person who objected will read it, and so may anyone.")
    )
    with atomic():
        locked = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
        if locked.state != Ruling.OPEN:
            raise NotNow("This objection has already been answered.")
        locked.state = Ruling.UPHELD if upheld else Ruling.DISMISSED
        locked.answer, locked.decided_by, locked.decided_at = written, person, present_time()
        locked.save(update_fields=["state", "answer", "decided_by", "decided_at"])
        record_event(
            actor=person.actor,
            verb="decide_objection",
            subject=locked,
            before={"state": Ruling.OPEN},
            after={"state": locked.state},
            tenant=host.reference,
        )
        tasks.announce_ruling.defer(objection=locked.pk)
    return locked


def ask_signatures(*, person: Person, round: Round) -> SignedText:  # noqa: A002
    """Write the text of the result that holds, for the trio to sign; asked again, it is the same text.

    Raises NotAllowed, and NotNow while objections may be raised or wait, or if the inputs have changed.
    """
    require_role(person, round.host, Role.TREASURER)
    require_second_factor(person)
    with atomic():
        _one_at_a_time(round)
        locked = Round.locked(round.pk, seen=None)
        computation = _settled_result(locked)
        signed_text, is_new = write_text(computation)
        if is_new:
            record_event(
                actor=person.actor,
                verb="ask_signatures",
                subject=computation,
                after={"sha256": signed_text.sha256},
                tenant=locked.host.reference,
            )
            tasks.announce_signing.defer(computation=computation.pk)
    return signed_text


def finalise(*, person: Person, round: Round) -> Computation:  # noqa: A002
    """Make the signed result final, and move the money from the pots to the projects in the book.

    Done again, changes nothing. Raises NotAllowed, NotNow, and NotEnough if a pot lacks money that was promised.
    """
    require_role(person, round.host, Role.TREASURER)
    require_second_factor(person)
    with atomic():
        _one_at_a_time(round)
        locked = Round.locked(round.pk, seen=None)
        final = latest(locked)
        if locked.state == State.FINAL and final is not None:
            return final
        computation = _settled_result(locked)
        missing = missing_signatures(computation)
        if missing:
            raise NotNow(
                "The result still lacks the signature of {names}.",
                names=", ".join(one.name for one in missing),
            )
        pay_projects(computation, actor=person.actor)
        _record(locked, computation, person, "settle_result")
        move(round=locked, state=State.FINAL, person=person, verb="finalise")
        tasks.announce_final.defer(computation=computation.pk)
    return computation


def _settled_result(round: Round) -> Computation:  # noqa: A002
    """The computation that holds, if nothing may change it any more. The caller holds the locks."""
    computation = latest(round)
    if round.state != State.PROVISIONAL or computation is None:
        raise NotNow("Only a provisional result can be signed and made final.")
    if round.objections_close_at is None or present_time() < round.objections_close_at:
        raise NotNow("Objections may still be raised: wait until their time is over.")
    if waiting := open_objections(round).count():
        raise NotNow("Objections that wait for an answer: {count}. Answer them first.", count=waiting)
    check_kept(round)
    if read_inputs(round).fingerprint != computation.fingerprint:
        raise NotNow("Gifts, voices or pots have changed since the result was computed: compute it again.")
    return computation


def _publish(round: Round, computation: Computation, person: Person | None) -> None:  # noqa: A002
    """From closed to provisional; a result that changed may be objected to for as long as the first one."""
    locked = Round.locked(round.pk, seen=None)
    until = present_time() + timedelta(days=locked.objection_days)
    locked.objections_close_at = max(until, locked.objections_close_at or until)
    locked.save(update_fields=["objections_close_at"])
    _record(locked, computation, person, "compute_result")
    if locked.state == State.CLOSED:
        move(round=locked, state=State.PROVISIONAL, person=person, verb="publish_result")
    tasks.announce_result.defer(computation=computation.pk)
    round.refresh_from_db()


def _record(round: Round, computation: Computation, person: Person | None, verb: str) -> None:  # noqa: A002
    record_event(
        actor=person.actor if person else None,
        verb=verb,
        subject=computation,
        after={
            "round": round.slug,
            "number": computation.number,
            "fingerprint": computation.fingerprint,
            "matching": computation.matching,
            "left": computation.left,
        },
        tenant=round.host.reference,
    )


def _check_state(round: Round, *states: State) -> None:  # noqa: A002
    if Round.objects.values_list("state", flat=True).get(pk=round.pk) not in states:
        raise NotNow("A result is computed once the round is closed, and until it is final.")


def _one_at_a_time(round: Round) -> None:  # noqa: A002
    """Wait for whoever computes or settles the same round; until commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"settlement of round {round.pk}"]
        )


def _text(written: str, missing: Refusal) -> str:
    text = written.replace("\0", "").strip()
    if not text:
        raise missing
    if len(text) > LONGEST_TEXT:
        raise Refusal(
            "This text has {count} characters; {most} are read at most.", count=len(text), most=LONGEST_TEXT
        )
    return text
