"""Amounts, texts, icons and bars in templates."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from django import template
from django.forms import BoundField
from django.template import Context, Node, NodeList
from django.template.base import Parser, Token
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import TIME_STRINGS, timeuntil
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonde.web import wording
from abonde.web.markdown import html_of

register = template.Library()

PER_MILLE = 1000


@register.filter
def euros(cents: int | None, how: str = "") -> str:
    """`{{ cents|euros }}` → "1 234,50 €"; `{{ cents|euros:"whole" }}` leaves ",00" out; nothing for None."""
    return "" if cents is None else wording.money(cents, whole=how == "whole")


@register.filter
def count(value: int | None) -> str:
    """`{{ number|count }}` → "1 234"; nothing for None."""
    return "" if value is None else wording.number(value)


@register.filter
def left(moment: datetime) -> str:
    """`{{ moment|left }}` → "11 days", "5 hours": one unit, as people count what is left; days rather than weeks."""
    days = (moment - now()).days
    return TIME_STRINGS["day"] % {"num": days} if days > 1 else timeuntil(moment, depth=1)


@register.filter
def markdown(text: str | None) -> SafeString:
    """`{{ text|markdown }}`: a text that a person wrote, as HTML without scripts, pictures or raw HTML."""
    return mark_safe(html_of(text or ""))  # noqa: S308 cleaned by nh3


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """`{% icon "check" %}`: a drawing beside words, which say the same; silent for screen readers."""
    return format_html(
        '<svg class="icon" width="20" height="20" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("abonde/icons/lucide.svg"),
        name,
    )


@register.tag
def once(parser: Parser, _token: Token) -> Node:
    """`{% once %}…{% endonce %}`: what every page of a language says alike is written once for each language, and kept."""
    nodes = parser.parse(("endonce",))
    parser.delete_first_token()
    return Once(nodes)


class Once(Node):
    """Sees no variable, neither person nor request: what it wrote for one it gives to all."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._kept: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        if language not in self._kept:
            self._kept[language] = self.nodelist.render(context.new())
        return self._kept[language]


@register.filter
def anchor(field: BoundField) -> str:
    """The id that a link of the error summary jumps to: the control, or the first of several."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.inclusion_tag("components/bar.html")
def bar(
    received: int, added: int = 0, goal: int = 0, minimum: int = 0, *, named: bool = True
) -> dict[str, str]:
    """`{% bar received added goal minimum %}` in cents: what people gave, what the fund adds, and how far the goal is.

    The drawing is silent; the same amounts stand beside it in words, unless the page has just `named` them: then the goal alone.
    """
    whole = max(received + added, goal, 1)
    first = received * PER_MILLE // whole
    second = added * PER_MILLE // whole
    # Words are put together here: a page of many cards would spend a tenth of its time on it in the template.
    return {
        "received": _("%(amount)s given") % {"amount": wording.money(received, whole=True)} if named else "",
        "added": _("%(amount)s added") % {"amount": wording.money(added, whole=True)}
        if added and named
        else "",
        "goal": (_("of %(amount)s") if named else _("Needs %(amount)s"))
        % {"amount": wording.money(goal, whole=True)}
        if goal
        else "",
        "first": str(first),
        "second": str(second),
        "mark": str(minimum * PER_MILLE // whole) if 0 < minimum <= whole else "",
    }
