"""The few forms of results."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from abonde.projects.models import Project
from abonde.rounds.models import Round
from abonde.settlement.actions import LONGEST_TEXT
from abonde.settlement.models import Ruling
from abonde.settlement.queries import latest, lines_of

RULINGS: Final = (
    (Ruling.DISMISSED.value, _("The objection is not followed")),
    (Ruling.UPHELD.value, _("The objection is right: its cause is mended, and the result computed again")),
)


class ComputeForm(forms.Form):
    """Why the result is computed, and whether late payments are left out."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands beside the result, for everyone to read. Name nobody."),
    )
    without_late = forms.BooleanField(
        label=_("Do not wait for the payments that are still under way"), required=False
    )

    def __init__(self, *arguments: object, late: int, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        if not late:
            del self.fields["without_late"]


class ObjectionForm(forms.Form):
    """What somebody holds against the result."""

    project = forms.ChoiceField(label=_("What is it about?"), required=False)
    text = forms.CharField(
        label=_("Your objection"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Everyone can read your text and the answer, without your name. Name nobody else."),
    )

    def __init__(self, *arguments: object, round: Round, **options: object) -> None:  # noqa: A002
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        computation = latest(round)
        lines = lines_of(computation) if computation else []
        self.projects: dict[str, Project] = {line.project.slug: line.project for line in lines}
        field = self.fields["project"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        by_name = sorted(self.projects.values(), key=lambda project: project.name.casefold())
        field.choices = [("", _("The whole result")), *((one.slug, one.name) for one in by_name)]

    def chosen(self) -> Project | None:
        """The project that it is about, if it is about one."""
        return self.projects.get(self.cleaned_data["project"])


class AnswerForm(forms.Form):
    """What the host answers."""

    ruling = forms.ChoiceField(label=_("Your decision"), choices=RULINGS, widget=forms.RadioSelect)
    answer = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "The person who objected receives it by e-mail, and everyone can read it. Once sent, it cannot be changed."
        ),
    )
