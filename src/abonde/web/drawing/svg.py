"""Elements of a drawing, written out: what is text is escaped, lengths have one decimal."""

from __future__ import annotations

from html import escape

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


def element(name: str, kind: str, *children: str, **attributes: float | str) -> SafeString:
    """`<name class="kind" …>children</name>`; an underscore in the name of an attribute stands for a hyphen."""
    written = "".join(f' {key.replace("_", "-")}="{length(value)}"' for key, value in attributes.items())
    inside = "".join(conditional_escape(child) for child in children)
    return mark_safe(f'<{name} class="{kind}"{written}>{inside}</{name}>')  # noqa: S308 escaped above


def length(value: float | str) -> str:
    """12.0 → "12", 12.345 → "12.3"; words are escaped."""
    return escape(value) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
