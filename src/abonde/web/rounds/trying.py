"""Before a round opens: its page as citizens will see it, and its rules tried on an invented crowd."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from abonde.core.clock import present_time
from abonde.funds.queries import fund_total
from abonde.matching import PRESETS, Cents, Mechanism, Refusal, Rules, Sharing
from abonde.matching.amounts import euros_of_cents
from abonde.rounds.states import PUBLIC, State
from abonde.web.rounds.entering import manages, round_of_trio
from abonde.web.rounds.public import whole_page
from abonde.web.rounds.showing import trail
from abonde.web.simulator.comparing import compared
from abonde.web.simulator.forms import WRITTEN
from abonde.web.simulator.outcome import outcomes
from abonde.web.simulator.world import MOST_GIFTS, MOST_PROJECTS, World, drawn_gifts
from abonde.web.wording import sentences
from abonde.web.workspaces import AgentRequest, agent_required

GIFTS: Final = MOST_GIFTS // 2
NAMES: Final = (_("Your rules"), _("The same formula without limits"), _("Each euro alone"))
USUAL_FUND: Final = Cents(1_000_000)
"""What the fund is taken to hold until somebody has signed for more than nothing, in cents."""
LARGEST_DRAW: Final = 999


@require_safe
@agent_required()
def preview(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """The round's page as citizens will see it; once they do, it is that page."""
    round_, _party = round_of_trio(request, round_slug)
    if round_.state in PUBLIC:
        return redirect("round", round_.slug)
    return whole_page(
        request, round_, present_time(), preview=reverse("workspace-round", args=[org, round_slug])
    )


@require_safe
@agent_required()
def try_rules(request: AgentRequest, org: str, round_slug: str) -> HttpResponse:
    """What the rules as they stand would make of an invented crowd, beside the bare formula and beside each euro alone."""
    round_, party = round_of_trio(request, round_slug)
    draw = _draw(request.GET.get("tirage", ""))
    fund = fund_total(round_) or USUAL_FUND
    context: dict[str, Any] = {
        "round": round_,
        "trail": trail(request, round_),
        "draw": draw,
        "next_draw": draw % LARGEST_DRAW + 1,
        "is_usual_fund": not fund_total(round_),
        "fund": fund,
        "may_change": party is None and manages(request) and round_.state == State.DRAFT,
        "back": reverse("workspace-round", args=[org, round_slug]),
    }
    try:
        rules = round_.rules
    except Refusal as refusal:
        return render(request, "rounds/trying.html", context | {"problems": sentences(refusal)})
    crowd = (str(GIFTS), str(MOST_PROJECTS), str(draw))
    world = World(rows=(), pasted="", drawn=crowd, gifts=tuple(drawn_gifts(*crowd)))
    bare = PRESETS["plain"]
    found = [
        *outcomes(world, rules, fund, [rules.mechanism]),
        *outcomes(world, bare, fund, [rules.mechanism, Mechanism.PROPORTIONAL]),
    ]
    shown = compared(found, fund=fund, rules=rules)
    for panel, name in zip(shown["panels"], NAMES, strict=True):
        panel["name"] = name
    context |= {"world": world, "simulator": _in_the_simulator(rules, fund, crowd)}
    return render(request, "rounds/trying.html", context | shown | {"mechanisms": NAMES})


def _draw(asked: str) -> int:
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked[:4]) <= LARGEST_DRAW else 1


def _in_the_simulator(rules: Rules, fund: Cents, crowd: tuple[str, str, str]) -> str:
    """The same crowd, fund and limits on the public simulator, where everything can be changed."""
    asked: dict[str, str] = dict(zip(("dons", "projets", "tirage"), crowd, strict=True))
    asked["fonds"] = euros_of_cents(fund)
    written = {key: str(value) for key, value in rules.to_mapping().items() if value != "none"}
    for field, key in WRITTEN.items():
        if key in written:
            asked[field] = written[key]
    for field, times in (("part", 100), ("rapport", 1)):
        if field in asked:
            asked[field] = f"{float(Fraction(asked[field]) * times):g}"
    if "steps" in written:
        asked["paliers"] = "oui"
    if asked["reserve"] != Sharing.UP_TO_IDEAL:
        del asked["reserve"]
    compared_there = dict.fromkeys((rules.mechanism, Mechanism.PROPORTIONAL))
    return (
        f"{reverse('simulator')}?{urlencode([*asked.items(), *(('m', one.value) for one in compared_there)])}"
    )
