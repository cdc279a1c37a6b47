"""Elements of a drawing, written out: what is text is escaped, lengths have one decimal."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def element(name: str, kind: str, *children: str, **attributes: float | str) -> SafeString:
    """`<name class="kind" …>children</name>`; an underscore in the name of an attribute stands for a hyphen."""
    written = format_html_join(
        "",
        ' {}="{}"',
        ((key.replace("_", "-"), length(value)) for key, value in attributes.items()),
    )
    inside = format_html_join("", "{}", ((child,) for child in children))
    return format_html('<{0} class="{1}"{2}>{3}</{0}>', name, kind, written, inside)


def length(value: float | str) -> str:
    """12.0 → "12", 12.345 → "12.3"; words stay as they are."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
