"""The règlement of a round: readable, as JSON, and with its signatures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from abonde.rounds.rules_text import readable, rules_text
from abonde.web.rounds.showing import shown_round, signers


@require_safe
def rules(request: HttpRequest, round_slug: str) -> HttpResponse:
    """What the trio has signed. In another language than French it is a courtesy, and says so."""
    round_, _read_at = shown_round(round_slug)
    text = round_.opened_with
    signed = text or rules_text(round_)
    language = (get_language() or "fr")[:2]
    context = {
        "round": round_,
        "signed_text": signed,
        "text": signed.text if language == "fr" else readable(round_, language=language),
        "courtesy": language != "fr",
        "signers": signers(round_, text),
    }
    return render(request, "rounds/rules.html", context)


@require_safe
def rules_json(request: HttpRequest, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The exact characters whose SHA-256 is the hash that the trio has signed."""
    round_, _read_at = shown_round(round_slug)
    exact = (round_.opened_with or rules_text(round_)).canonical
    return HttpResponse(
        exact.encode(),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{round_.slug}-reglement.json"'},
    )
