"""The register of processing activities (GDPR, article 30) as a table in Markdown, written from the table in code."""

from __future__ import annotations

from typing import Final

from django.utils.translation import override

from abonde.web.information.processing import told

BEGINS: Final = "<!-- written by `abonde manage processing_register` -->"
HEADING: Final = "| | what | why | ground | controller | who sees it | how long | tables |\n|" + " --- |" * 8


def as_markdown() -> str:
    """The table, in English."""
    with override("en"):
        rows = [
            (
                f"`{one.processing.key}`",
                one.what,
                one.why,
                one.processing.ground,
                one.processing.by,
                one.processing.seen_by,
                one.until,
                ", ".join(f"`{table}`" for table in one.processing.tables),
            )
            for one in told()
        ]
        written = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join([BEGINS, HEADING, *written]) + "\n"
