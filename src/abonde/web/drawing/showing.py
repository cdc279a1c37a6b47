"""What the include `drawing/idea.html` shows: the picture, the sentence that says it, and the form that moves it."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonde.giving.queries import Estimate
from abonde.matching import Cents
from abonde.rounds.models import Round
from abonde.web.drawing import more
from abonde.web.drawing.forms import IdeaForm
from abonde.web.drawing.idea import idea_svg, in_euros
from abonde.web.drawing.weighing import EXAMPLE_FUND, EXAMPLE_RULES, LARGE_GIFT, Weighing, tells, weigh
from abonde.web.settlement.words import limit_words
from abonde.web.wording import money


def idea_context(asked: QueryDict, round: Round | None = None, fund: int = 0) -> dict[str, Any]:  # noqa: A002
    """The idea as an example, or under the rules of a round with its fund (cents). Asks the database nothing.

    `weighing` is missing where the picture would say nothing under the rules of the round.
    """
    form = IdeaForm(asked)
    ruled = round if fund else None
    rules = ruled.rules if ruled else EXAMPLE_RULES
    if not tells(rules):
        return {}
    weighing = weigh(
        people=form.people, gift=form.gift, rules=rules, fund=Cents(fund) if ruled else EXAMPLE_FUND
    )
    sentence = told(weighing)
    return {
        "form": form,
        "round": ruled,
        "address": reverse("round-idea", args=[ruled.slug]) if ruled else reverse("idea"),
        "weighing": weighing,
        "sides": (weighing.many, weighing.one),
        "sentence": sentence,
        "reason": reason(weighing),
        "picture": idea_svg(weighing, alternative=sentence),
    }


def more_context(estimate: Estimate | None, project: str) -> dict[str, Any]:
    """What more people would bring a project (its key) today. Asks the database nothing."""
    if estimate is None or project not in estimate.allocation.projects:
        return {}
    gift = more.usual_gift(estimate.allocation, project)
    found = more.prospects(estimate.allocation, project, gift)
    if not found:
        return {}
    return {
        "gift": gift,
        "prospects": found,
        "held": not any(one.added for one in found),
        "is_reached": any(one.added < 0 for one in found),
        "picture": more.more_svg(found, alternative=" ".join(more.told(one) for one in found)),
    }


def told(weighing: Weighing) -> str:
    """What the picture shows, in words."""
    many, one = weighing.many, weighing.one
    people = (
        ngettext(
            "{people} person gives {gift}: the fund adds {added}.",
            "{people} people give {gift} each: the fund adds {added}.",
            many.people,
        )
        if many.added
        else ngettext(
            "{people} person gives {gift}: the fund adds nothing.",
            "{people} people give {gift} each: the fund adds nothing.",
            many.people,
        )
    )
    somebody = (
        _("One person gives {gift}: the fund adds {added}.")
        if one.added
        else _("One person gives {gift}: the fund adds nothing.")
    )
    first = people.format(people=many.people, gift=money(many.gift, whole=True), added=in_euros(many.added))
    return f"{first} {somebody.format(gift=money(LARGE_GIFT, whole=True), added=in_euros(one.added))}"


def reason(weighing: Weighing) -> str:
    """Why the fund adds what it adds to the many."""
    many = weighing.many
    if many.people == 1:
        return _("Somebody alone agrees with nobody: whatever they give, the fund adds nothing.")
    if many.bound_by is not None:
        return _("The formula would add more; the rules say: {limit}.").format(
            limit=limit_words(many.bound_by, weighing.rules)
        )
    if weighing.exhausted:
        return _("More than this the fund does not hold: it gives everything.")
    return _(
        "What counts is each thread between two people: {pairs} here, and none for somebody alone."
    ).format(pairs=weighing.pairs)
