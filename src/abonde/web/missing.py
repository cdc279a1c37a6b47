"""What is said where something that is needed was left out: what to do, by the kind of field.

Django says *This field is required* everywhere, which helps nobody; a form that has better words gives its field its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MISSING: Final[Mapping[type[forms.Field], StrPromise]] = {
    forms.Field: _("Fill this in."),
    forms.ChoiceField: _("Choose one of the answers."),
    forms.BooleanField: _("Tick this to go on."),
    forms.IntegerField: _("Write a number."),
    forms.DateField: _("Say which day."),
    forms.FileField: _("Choose the file first."),
}


def say_what_is_missing() -> None:
    """Give the kinds of Django's fields these words, once, before any form is built."""
    for kind, words in MISSING.items():
        kind.default_error_messages = {**kind.default_error_messages, "required": words}
