"""Form fields and widgets that Django lacks: euros, choices by key, and the browser's own pickers of days and moments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from abonde.matching.amounts import Cents, cents_of_euros
from abonde.matching.refusal import Refusal
from abonde.web.wording import money, typed_money


class DayInput(forms.DateInput):
    """A day, picked in the browser's calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")  # the one form that browsers accept


class MomentInput(forms.DateTimeInput):
    """A day and a time in the platform's time zone, picked in the browser's calendar."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class KeyedRadios(forms.RadioSelect):
    """Choices that the keys 1, 2, 3… choose, with the browser's own way to press an access key; each says its key."""

    def create_option(  # noqa: PLR0913, PLR0917  (Django’s own signature)
        self,
        name: str,
        value: Any,  # noqa: ANN401
        label: int | str,
        selected: bool,  # noqa: FBT001
        index: int,
        subindex: int | None = None,
        attrs: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        key = str(index + 1)
        option = super().create_option(name, value, label, selected, index, subindex, attrs)
        option["attrs"]["accesskey"] = key
        option["label"] = format_html('{} <kbd aria-hidden="true">{}</kbd>', label, key)
        return option


class MoneyInput(forms.TextInput):
    """An amount as people write it, "12,50"; a number field would refuse the comma in some browsers."""

    template_name = "abonde/widgets/money.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})


class EmailAddressField(forms.EmailField):
    """An e-mail address; where none was written, or something else, an example says what to write."""

    default_error_messages = {  # noqa: RUF012 Django's own way
        "required": _("Write an e-mail address, such as name@example.org."),
        "invalid": _("Write an e-mail address, such as name@example.org."),
    }


class EurosField(forms.Field):
    """An amount written in euros; its value is `Cents`, or None where nothing was written."""

    widget = MoneyInput
    default_error_messages = {  # noqa: RUF012 Django's own way
        "required": _("Write an amount in euros, such as 12 or 12.50."),
        "invalid": _("Write an amount in euros, such as 12 or 12.50."),
        "too_small": _("Give at least %(limit)s."),
        "too_large": _("Give at most %(limit)s."),
    }

    def __init__(
        self,
        *,
        smallest: Cents | None = None,
        largest: Cents | None = None,
        **options: Any,  # noqa: ANN401 those of Django's fields
    ) -> None:
        super().__init__(**options)
        self.smallest = smallest
        self.largest = largest

    def to_python(self, value: object) -> Cents | None:
        if value in self.empty_values:
            return None
        try:
            return cents_of_euros(str(value))
        except Refusal:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def validate(self, value: Cents | None) -> None:
        super().validate(value)
        if value is None:
            return
        if self.smallest is not None and value < self.smallest:
            raise self._outside("too_small", self.smallest)
        if self.largest is not None and value > self.largest:
            raise self._outside("too_large", self.largest)

    def prepare_value(self, value: object) -> object:
        """Cents of the database as euros; what a person typed as it was typed."""
        return typed_money(value) if isinstance(value, int) else value

    def has_changed(self, initial: object, data: object) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True

    def _outside(self, code: str, limit: Cents) -> ValidationError:
        return ValidationError(
            self.error_messages[code], code=code, params={"limit": money(limit, whole=True)}
        )
