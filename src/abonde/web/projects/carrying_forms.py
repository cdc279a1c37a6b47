"""Forms of those who carry a project."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from abonde.projects import texts
from abonde.web.projects.forms import Words
from abonde.web.saving import Versioned
from abonde.web.widgets import EmailAddressField


class EmailForm(forms.Form):
    """Whom to invite."""

    email = EmailAddressField(label=_("E-mail address"))


class NewsForm(forms.Form):
    """What is new."""

    title = Words(
        label=_("Title"),
        max_length=texts.LONGEST_TITLE,
        error_messages={"required": _("Give your news a title.")},
    )
    body = Words(
        label=_("What is new"),
        max_length=texts.LONGEST_NEWS,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write what is new.")},
    )


class AppealForm(Versioned):
    """What a holder answers to a refusal."""

    text = Words(
        label=_("What the decision has overlooked"),
        max_length=texts.LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "You can appeal once. Someone who did not decide the first time looks at it, if the foundation has such a person."
        ),
        error_messages={"required": _("Write what the decision has overlooked.")},
    )
