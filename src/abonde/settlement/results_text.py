"""The exact text of a result that the trio signs: readable French, and JSON, under one hash."""

from __future__ import annotations

from hashlib import sha256

from django.template.loader import render_to_string
from django.utils.translation import override

from abonde.funds.models import Pot
from abonde.rounds.models import Round, SignedText, Subject
from abonde.settlement.computing import canonical
from abonde.settlement.models import Computation, ResultsText
from abonde.settlement.queries import lines_of, shared_pots


def write_text(computation: Computation) -> tuple[SignedText, bool]:
    """The text of a computation, and whether it was written just now. The caller holds the round's lock."""
    written = ResultsText.objects.filter(computation=computation).select_related("signed_text").first()
    if written is not None:
        return written.signed_text, False
    text = readable(computation)
    exact = canonical({**contents(computation), "text": text})
    signed_text = SignedText.objects.create(
        round=computation.round,
        subject=Subject.RESULTS,
        text=text,
        canonical=exact,
        sha256=sha256(exact.encode()).hexdigest(),
    )
    ResultsText.objects.create(computation=computation, signed_text=signed_text)
    return signed_text, True


def readable(computation: Computation) -> str:
    """The result as people read it."""
    names = dict(Pot.objects.filter(fund__round=computation.round_id).values_list("key", "name"))
    with override("fr"):
        return render_to_string(
            "settlement/results.txt",
            {
                "round": computation.round,
                "computation": computation,
                "fund": computation.matching + computation.left,
                "lines": lines_of(computation),
                "pots": [(names[part.pot.key], part) for part in shared_pots(computation)],
            },
        )


def contents(computation: Computation) -> dict[str, object]:
    """The result as programs read it, in the words of `abonde allocate`; amounts in cents."""
    register = computation.round.register
    return {
        "format": "abonde-results-1",
        "round": computation.round.slug,
        "computation": computation.number,
        "at": computation.at.isoformat(),
        "reason": computation.reason,
        "fingerprint": computation.fingerprint,
        "rules": computation.rules,
        "received_cents": computation.received,
        "added_cents": computation.matching,
        "unspent_cents": computation.left,
        "voices": computation.voices,
        "voices_are": register and register.strategy,
        "voices_are_weak": voices_are_weak(computation.round),
        "pots": [
            {
                "pot": part.pot.key,
                "challenge": part.pot.earmark.challenge,
                "place": part.pot.earmark.place,
                "funders": dict(part.pot.funders),
                "unspent_cents": part.unspent,
                "added_cents": dict(zip(part.projects, part.shared.cents, strict=True)),
            }
            for part in shared_pots(computation)
        ],
        "projects": [
            {
                "project": line.project.key,
                "name": line.project.name,
                "received_cents": line.received,
                "persons": line.persons,
                "counted_cents": line.counted,
                "added_cents": line.matching,
                "limits": limits_of(line.explanation),
            }
            for line in lines_of(computation)
        ],
    }


def voices_are_weak(round: Round) -> bool:  # noqa: A002
    """Whether nobody checked who is behind a voice of the round."""
    return round.register is not None and round.register.is_weak


def limits_of(explanation: dict[str, list[dict[str, str | None]]]) -> list[str]:
    """The limits that held a project back in any pot, each once, in the order of the pots."""
    return list(dict.fromkeys(pot["bound_by"] for pot in explanation["pots"] if pot["bound_by"]))
