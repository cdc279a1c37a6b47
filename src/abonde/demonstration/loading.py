"""Loading the demonstration into an empty database: once, and then left as its visitors leave it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from abonde.core.clock import present_time
from abonde.demonstration.cast import Cast, assemble, bill
from abonde.demonstration.crowd import crowd
from abonde.demonstration.history import give
from abonde.demonstration.models import DemonstrationAccount
from abonde.demonstration.opening import inhabitants, open_signed, set_up, sign_all
from abonde.demonstration.plan import MAIN, ROUNDS, PlannedRound
from abonde.demonstration.projects import apply, written_projects
from abonde.demonstration.registering import certified_register
from abonde.engines.engine import Progress
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Organisation
from abonde.register.actions import claim_own_voice
from abonde.register.models import Register
from abonde.rounds.models import Round
from abonde.rounds.moving import move
from abonde.rounds.states import State
from abonde.settlement.actions import ask_signatures, compute_result, finalise, raise_objection

ENDED = (State.FINAL, State.PAYING_OUT, State.ARCHIVED)
AFTER_CLOSE = (State.CLOSED, State.PROVISIONAL, *ENDED)


def is_loaded() -> bool:
    """Whether the demonstration is there; it is written in the very last step."""
    return DemonstrationAccount.objects.exists()


def start_over() -> None:
    """Empty a database in which loading was cut short; another's data are never touched. Raises Refusal."""
    if not Organisation.objects.exists():
        return
    if settings.DATABASE_URL or settings.PRODUCTION:
        raise Refusal(
            "The database of DATABASE_URL already holds organisations: give the demonstration an empty one."
        )
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command("migrate", interactive=False, verbosity=0)


def load(progress: Progress | None = None) -> None:
    """Make everything; `progress` is told the part that is done, from 0 to 1."""
    cast, now = assemble(), present_time()
    register = inhabitants(cast)
    claim_own_voice(cast.people["citoyenne"], register)
    certified = certified_register(cast)
    for seed, plan in enumerate(ROUNDS):
        _make(cast, plan, certified if plan.certified else register, now=now, seed=seed)
        if progress is not None:
            progress((seed + 1) / len(ROUNDS))
    bill(cast, round_slug=MAIN)


def _make(cast: Cast, plan: PlannedRound, register: Register, *, now: datetime, seed: int) -> None:
    round_ = set_up(cast, plan, register, now=now)
    if plan.state == State.DRAFT:
        return
    open_signed(cast, round_)
    round_.refresh_from_db()
    chosen = written_projects()[plan.projects]
    apply(cast, round_, chosen, plan.project_states, at=now + timedelta(days=plan.days[1] - 1))
    if plan.state == State.SELECTION:
        go_to(round_, State.SELECTION)
    if plan.state in {State.GIVING, *AFTER_CLOSE}:
        go_to(round_, State.GIVING)
        givers = list(crowd(plan.people, {one.key: one.draws for one in chosen}, seed=seed))
        give(round_, givers, until=now)
    if plan.state in AFTER_CLOSE:
        go_to(round_, State.CLOSED)
    if plan.state == State.PROVISIONAL or plan.state in ENDED:
        compute_result(round=round_, reason="Les derniers paiements sont réglés.")
    if plan.state == State.PROVISIONAL:
        raise_objection(
            person=cast.people["visiteur"],
            round=round_,
            text="Le four communal et l’épicerie sont portés par les mêmes personnes : est-ce pris en compte ?",
        )
    if plan.state in ENDED:
        finish(cast, round_, plan.state)


def finish(cast: Cast, round_: Round, state: State) -> None:
    """Let the trio sign the provisional result, and go on to `state`."""
    treasurer = cast.people["tresoriere"]
    sign_all(cast, round_, ask_signatures(person=treasurer, round=round_))
    finalise(person=treasurer, round=round_)
    round_.refresh_from_db()
    for step in (State.PAYING_OUT, State.ARCHIVED):
        if state in {step, State.ARCHIVED}:
            go_to(round_, step)


def go_to(round_: Round, state: State) -> None:
    """Move the round on, as the clock or its host would."""
    move(round=round_, state=state)
    round_.refresh_from_db()
