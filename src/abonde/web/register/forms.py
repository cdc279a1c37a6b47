"""What an agent writes about a register and its file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonde.register.importing_file import LARGEST_FILE
from abonde.register.importing_layout import (
    DELIMITERS,
    ENCODINGS,
    NEEDED,
    Format,
    Layout,
    Part,
    guess_columns,
)
from abonde.web.register.receiving import SealedFile

MEGABYTE: Final = 1024 * 1024
PARTS: Final = {
    Part.BIRTH_NAME: gettext_lazy("Birth name"),
    Part.GIVEN_NAMES: gettext_lazy("Given names"),
    Part.BIRTHDATE: gettext_lazy("Birth date"),
    Part.BIRTHPLACE: gettext_lazy("Code of the commune of birth"),
    Part.GROUP: gettext_lazy("Polling district, quarter or commune"),
}
HELP: Final = {
    Part.BIRTH_NAME: gettext_lazy(
        "Not the name of use: FranceConnect knows people by the name of their birth."
    ),
    Part.GIVEN_NAMES: gettext_lazy("All in one column; the first one counts."),
    Part.BIRTHPLACE: gettext_lazy("It tells apart people of the same name who were born on the same day."),
    Part.GROUP: gettext_lazy("Only needed where the round’s rules look at groups."),
}
ENCODING_NAMES: Final = {
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows (1252)",
    "iso8859-15": "Latin 9 (ISO 8859-15)",
    "utf-16": "UTF-16",
    "mac-roman": "Mac",
}
DELIMITER_NAMES: Final = {
    ";": gettext_lazy("semicolon (;)"),
    ",": gettext_lazy("comma (,)"),
    "\t": gettext_lazy("tabulator"),
    "|": gettext_lazy("bar (|)"),
}


class OpenForm(forms.Form):
    """A certified register."""

    name = forms.CharField(
        label=gettext_lazy("Name of the register"),
        max_length=200,
        help_text=gettext_lazy("As inhabitants will read it, such as “Inhabitants of the valley, 2026”."),
        error_messages={"required": gettext_lazy("Give the register a name.")},
    )


class BringForm(forms.Form):
    """The certifier's file."""

    file = forms.FileField(
        label=gettext_lazy("File of inhabitants"),
        help_text=gettext_lazy(
            "CSV or XLSX, one person a row: birth name, given names, birth date; better still with the birthplace."
        ),
        error_messages={
            "required": gettext_lazy("Choose the file first."),
            "missing": gettext_lazy("Choose the file first."),
            "empty": gettext_lazy("This file is empty: look whether the right one was chosen."),
            "invalid": gettext_lazy("Choose the file first."),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )

    def clean_file(self) -> SealedFile:
        """Not larger than is taken."""
        file: SealedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(
                _("This file is larger than {limit} MB: leave out columns that are not needed.").format(
                    limit=LARGEST_FILE // MEGABYTE
                )
            )
        return file


class LayoutForm(forms.Form):
    """How the file is written, and which column holds what."""

    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        choices=[(name, ENCODING_NAMES[name]) for name in ENCODINGS],
        help_text=gettext_lazy("If accents look wrong above, choose another one."),
    )
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Columns are parted by"),
        choices=[(one, DELIMITER_NAMES[one]) for one in DELIMITERS],
    )
    has_titles = forms.BooleanField(label=gettext_lazy("The first row holds titles"), required=False)

    def __init__(self, data: Any, *, layout: Layout, rows: Sequence[Sequence[str]]) -> None:  # noqa: ANN401
        self.layout, self.rows = layout, rows
        columns = {part.value: "" if (at := layout.columns.get(part)) is None else str(at) for part in Part}
        written = {
            "encoding": layout.encoding,
            "delimiter": layout.delimiter,
            "has_titles": layout.has_titles,
        }
        super().__init__(data, initial={**written, **columns})
        if layout.format == Format.XLSX:
            del self.fields["encoding"], self.fields["delimiter"]
        for part in Part:
            self.fields[part.value] = forms.ChoiceField(
                label=PARTS[part],
                help_text=HELP.get(part, ""),
                required=part in NEEDED,
                choices=[("", "–"), *enumerate(self._titles())],
                error_messages={
                    "required": _("Say which column holds this."),
                    "invalid_choice": _("There is no such column any more: choose again."),
                },
            )
        self.order_fields([*(part.value for part in Part), "has_titles", "encoding", "delimiter"])

    def _titles(self) -> list[str]:
        width = max(map(len, self.rows), default=0)
        first = [*self.rows[0], *[""] * width][:width] if self.rows else []
        return [
            f"{number} · {title or '–'}"[:60]
            if self.layout.has_titles
            else _("Column {number}").format(number=number)
            for number, title in enumerate(first, start=1)
        ]

    def look(self) -> Layout:
        """The layout as the fields of writing say it, complete or not; columns are guessed anew where they moved."""
        given = self.data
        writing = {
            "encoding": given.get("encoding", self.layout.encoding),
            "delimiter": given.get("delimiter", self.layout.delimiter),
        }
        return Layout(
            self.layout.format, **writing, has_titles="has_titles" in given, columns=self.layout.columns
        )

    def complete(self) -> Layout:
        """The layout with its columns; needs a valid form."""
        given = self.cleaned_data
        return Layout(
            self.layout.format,
            given.get("encoding", self.layout.encoding),
            given.get("delimiter", self.layout.delimiter),
            has_titles=given["has_titles"],
            columns={part: int(given[part.value]) for part in Part if given[part.value]},
        )


def guessed(layout: Layout, rows: Sequence[Sequence[str]]) -> Layout:
    """The layout with its columns guessed anew from the titles of the first row."""
    columns = guess_columns(rows[0]) if rows else {}
    return Layout(
        layout.format, layout.encoding, layout.delimiter, has_titles=layout.has_titles, columns=columns
    )
