"""A moment of the calendar, as the clocks on the wall show it."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext_lazy as _

from abonde.rounds.calendar import NoSuchTime, instant_at
from abonde.web.widgets import MomentInput
from abonde.web.wording import sentences


class MomentField(forms.DateTimeField):
    """A local time that becomes an instant (UTC); the two nights of clock change get a sentence."""

    widget = MomentInput
    default_error_messages = {"invalid": _("Give a day and a time, such as 2027-03-01 18:00.")}  # noqa: RUF012

    def to_python(self, value: object) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            local = parse_datetime(str(value).strip())
        except ValueError:
            local = None
        if local is None or is_aware(local):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            return instant_at(local)
        except NoSuchTime as refusal:
            raise ValidationError(sentences(refusal), code="no_such_time") from None
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
