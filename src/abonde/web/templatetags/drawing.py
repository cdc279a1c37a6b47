"""The drawings, in templates: `{% load drawing %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import QueryDict
from django.template import Context

from abonde.giving.queries import Estimate
from abonde.rounds.models import Round
from abonde.web.drawing.showing import idea_context, more_context

register = template.Library()


@register.inclusion_tag("drawing/idea.html", takes_context=True)
def idea(context: Context, round: Round | None = None, fund: int = 0) -> dict[str, Any]:  # noqa: A002
    """`{% idea %}`, or `{% idea round=round fund=fund %}` under the rules of a round whose fund holds so many cents.

    The picture of ten small gifts beside a large one, which answers the visitor's own numbers.
    """
    request = context.get("request")
    return idea_context(request.GET if request else QueryDict(), round, fund)


@register.inclusion_tag("drawing/more.html")
def more_people(estimate: Estimate | None, project: str) -> dict[str, Any]:
    """`{% more_people estimate project.key %}`: what 1, 5 and 20 more people would bring the project today.

    Nothing where there is no estimate, where the project is not matched, or where nobody could say.
    """
    return more_context(estimate, project)
