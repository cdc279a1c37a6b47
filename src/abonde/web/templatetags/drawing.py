"""The drawings, in templates: `{% load drawing %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import QueryDict
from django.template import Context

from abonde.rounds.models import Round
from abonde.web.drawing.showing import idea_context

register = template.Library()


@register.inclusion_tag("drawing/idea.html", takes_context=True)
def idea(context: Context, round: Round | None = None, fund: int = 0) -> dict[str, Any]:  # noqa: A002
    """`{% idea %}`, or `{% idea round=round fund=fund %}` under the rules of a round whose fund holds so many cents.

    The picture of ten small gifts beside a large one, which answers the visitor's own numbers.
    """
    request = context.get("request")
    return idea_context(request.GET if request else QueryDict(), round, fund)
