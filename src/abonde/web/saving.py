"""Long forms that save by themselves while somebody writes: what they are made of, and what the page hears back.

The page is told after each pause whether what stands in the form is saved (components/saving.html). A form is saved whole or
not at all, and its controls are never drawn anew, so that nothing typed meanwhile is lost. Without scripts the button saves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BaseFormSet, BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from abonde.core.clock import present_time
from abonde.web.pieces import is_piece


class SavedField(BoundField):
    """A field whose errors come and go while somebody writes: what describes it names their place from the start."""

    @property
    def aria_describedby(self) -> str | None:
        """The ids of help and errors, which `components/field_words.html` writes."""
        if self.is_hidden or not self.auto_id:
            return None
        names = ["helptext"] if self.help_text else []
        return " ".join(f"{self.auto_id}_{name}" for name in [*names, "error"])

    saves_itself = True
    """For templates: the list of errors is there even while it is empty."""


class Versioned(forms.Form):
    """A form on a row that several people may edit: it knows the version that its reader saw."""

    bound_field_class = SavedField

    version = forms.IntegerField(widget=forms.HiddenInput)


class DraftForm(Versioned):
    """A part of a draft: what is `needed` in the end (to hand in, to sign) may be left empty until then."""

    use_required_attribute = False
    needed: tuple[str, ...] = ()

    def full_clean(self) -> None:
        self._need(now=False)
        super().full_clean()
        self._need(now=True)

    def _need(self, *, now: bool) -> None:
        for name in self.needed:
            if name in self.fields:
                self.fields[name].required = now


class Rows(BaseFormSet):  # type: ignore[type-arg]  # generic for type checkers only
    """Rows that may all be left empty: one that is as it was saved is no empty one."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Django would drop what has not changed from the rows that came after those it knows of."""
        return {**super().get_form_kwargs(index), "empty_permitted": False}


def told_of(request: HttpRequest, form: Versioned, version: int) -> None:
    """Let a form whose reader has just been told of another's changes win, if it is sent once more."""
    data = request.POST.copy()
    data[form.add_prefix("version")] = str(version)
    form.data = data


def is_saving(request: HttpRequest) -> bool:
    """Whether a page saves by itself, rather than somebody who presses a button."""
    return request.method == "POST" and is_piece(request)


def how_saved(
    request: HttpRequest,
    form: forms.Form,
    rows: BaseFormSet[Any] | None = None,
    *,
    hidden: Mapping[str, object],
    steps: Sequence[object],
) -> HttpResponse:
    """The answer to a form that saves by itself, once it has been tried.

    `hidden` are the hidden fields as they are now, of which only a form without errors is told: one that is out of date stays
    so, and overwrites nothing. `steps` are those of the set-up, for components/steps.html.
    """
    every = [form, *(rows or ())]
    wrong = any(one.errors for one in every) or bool(rows is not None and rows.non_form_errors())
    context = {
        "at": present_time(),
        "mistakes": list(_mistakes(every, rows)) if wrong else [],
        "fields": [field for one in every for field in one.visible_fields()],
        "hidden": {} if wrong else hidden,
        "steps": steps,
    }
    return render(request, "components/saved.html", context)


def _mistakes(
    every: Sequence[forms.Form], rows: BaseFormSet[Any] | None
) -> Iterator[tuple[BoundField | None, str]]:
    for sentence in rows.non_form_errors() if rows is not None else ():
        yield None, str(sentence)
    for form in every:
        for sentence in form.non_field_errors():
            yield None, str(sentence)
        for field in form:
            for sentence in field.errors:
                yield None if field.is_hidden else field, str(sentence)
