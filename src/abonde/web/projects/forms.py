"""Forms of applications and of their review."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, TypeAlias, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.matching.amounts import Cents
from abonde.matching.refusal import Refusal
from abonde.projects import identifiers, rules, texts
from abonde.projects.models import Project
from abonde.projects.writing import Changes, Legal
from abonde.web.projects.places import PointField, communes
from abonde.web.projects.words import LICENCES
from abonde.web.saving import DraftForm, Rows, SavedField, Versioned
from abonde.web.widgets import EurosField, KeyedRadios
from abonde.web.wording import sentences

Typed: TypeAlias = "QueryDict | None"
Files: TypeAlias = "MultiValueDict[str, Any] | None"


class Words(forms.CharField):
    """Text as the domain keeps it: what no one sees is left out, rather than refused."""

    def to_python(self, value: object) -> str:
        return texts.paragraphs(super().to_python(value) or "")


def _paragraphs(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class NameForm(forms.Form):
    """What a project begins with."""

    name = Words(
        label=_("Name of the project"),
        max_length=texts.LONGEST_NAME,
        help_text=_("You can change it until you hand the application in."),
        error_messages={"required": _("Give the project a name.")},
    )


class StoryForm(DraftForm):
    """The project as its readers will meet it."""

    needed = ("summary", "challenge", "place", "story")

    name = Words(
        label=_("Name of the project"),
        max_length=texts.LONGEST_NAME,
        error_messages={"required": _("Give the project a name.")},
    )
    summary = Words(
        label=_("In one or two sentences"),
        max_length=texts.LONGEST_SUMMARY,
        widget=_paragraphs(3),
        help_text=_("What people read in the list of projects: 280 characters at most."),
    )
    challenge = forms.ChoiceField(label=_("Challenge it answers"))
    place = forms.ChoiceField(label=_("Commune where it takes place"))
    point = PointField(
        label=_("Point on the map"),
        required=False,
        max_length=200,
        help_text=_(
            "Latitude and longitude, as 44.72890, 5.02230: a map on your phone shows them when you keep a finger on the place."
        ),
    )
    story = Words(
        label=_("Story"),
        max_length=texts.LONGEST_STORY,
        widget=_paragraphs(16),
        help_text=_(
            "For whom, with whom, how, and what remains for all. A line that begins with # is a heading, one with - "
            "a point of a list; **two stars** make bold."
        ),
    )

    def __init__(self, data: Typed = None, *, initial: dict[str, Any], project: Project) -> None:
        super().__init__(data, initial=initial)
        nothing = [("", _("Choose…"))]
        self.challenges = {str(one.pk): one for one in project.round.challenges.all()}
        challenge = cast(forms.ChoiceField, self.fields["challenge"])
        challenge.choices = [*nothing, *((pk, one.name) for pk, one in self.challenges.items())]
        if not self.challenges:
            del self.fields["challenge"]
        place = cast(forms.ChoiceField, self.fields["place"])
        place.choices = [*nothing, *((one.code, one.name) for one in communes(project.round))]

    def changes(self) -> Changes:
        """What `save_application` takes."""
        told = self.cleaned_data
        changes: Changes = {
            "name": told["name"],
            "summary": told["summary"],
            "story": told["story"],
            "place": told["place"],
            "point": told["point"],
        }
        if "challenge" in told:
            changes["challenge"] = self.challenges.get(told["challenge"])
        return changes


class NeedsForm(DraftForm):
    """How much money the project needs."""

    needed = ("need_minimum", "need_ideal")

    need_minimum = EurosField(
        label=_("Smallest amount with which the project can begin"),
        smallest=Cents(1),
        largest=rules.LARGEST_NEED,
    )
    need_ideal = EurosField(
        label=_("Amount with which it can be done in full"),
        smallest=Cents(1),
        largest=rules.LARGEST_NEED,
    )

    def __init__(self, data: Typed = None, *, initial: dict[str, Any], capped: bool) -> None:
        super().__init__(data, initial=initial)
        if capped:
            help_text = _("Under the rules of this round, the fund adds no more than what this amount lacks.")
            self.fields["need_ideal"].help_text = help_text

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        least, most = told.get("need_minimum"), told.get("need_ideal")
        if least is not None and most is not None and least > most:
            self.add_error("need_minimum", _("The smallest amount cannot be more than the ideal one."))
        return told

    def changes(self) -> Changes:
        """What `save_application` takes, but for the lines."""
        return {
            "need_minimum": self.cleaned_data["need_minimum"],
            "need_ideal": self.cleaned_data["need_ideal"],
        }


class LineForm(forms.Form):
    """One line of the budget."""

    bound_field_class = SavedField

    label = Words(label=_("What for"), max_length=texts.LONGEST_NAME, required=False)
    amount = EurosField(label=_("Amount"), smallest=Cents(1), largest=rules.LARGEST_NEED, required=False)

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if not {"label", "amount"} <= set(told):
            return told  # one of them has its own error already
        label, amount = told["label"], told["amount"]
        if label and amount is None:
            self.add_error("amount", _("Write the amount, or empty the line."))
        if amount is not None and not label:
            self.add_error("label", _("Say what this amount is for, or empty the line."))
        return told


Lines = forms.formset_factory(LineForm, formset=Rows, extra=3, max_num=rules.MOST_LINES, validate_max=True)


def _number(check: Callable[[str], str], written: str) -> str:
    try:
        return check(written)
    except Refusal as refusal:
        raise ValidationError(sentences(refusal)) from None


class LegalForm(DraftForm):
    """Who would receive the money."""

    needed = ("name", "siret", "siren", "rna", "address", "iban")

    name = Words(
        label=_("Name of the association, company or public body"),
        max_length=rules.LONGEST_LEGAL_NAME,
    )
    form = Words(
        label=_("Legal form"),
        max_length=rules.LONGEST_FORM,
        required=False,
        help_text=_("Such as: association under the law of 1901, SCIC, commune."),
    )
    siret = Words(
        label="SIRET",
        max_length=30,
        help_text=_("Fourteen digits. SIRET, SIREN or RNA: one of the three numbers is enough."),
    )
    siren = Words(label="SIREN", max_length=30, help_text=_("Nine digits; not needed with a SIRET."))
    rna = Words(label="RNA", max_length=30, help_text=_("Of an association: W and nine more signs."))
    address = Words(label=_("Address of the seat"), max_length=texts.LONGEST_WORDS, widget=_paragraphs(3))
    iban = Words(
        label="IBAN",
        max_length=50,
        help_text=_("As on the bank’s own statement (RIB). Only the foundation and you see it."),
    )
    account_name = Words(
        label=_("Holder of the account, if the name differs"),
        max_length=rules.LONGEST_ACCOUNT_NAME,
        required=False,
    )

    def clean_siret(self) -> str:
        return _number(identifiers.siret_of, self.cleaned_data["siret"])

    def clean_siren(self) -> str:
        return _number(identifiers.siren_of, self.cleaned_data["siren"])

    def clean_rna(self) -> str:
        return _number(identifiers.rna_of, self.cleaned_data["rna"])

    def clean_iban(self) -> str:
        return _number(identifiers.iban_of, self.cleaned_data["iban"])

    def changes(self) -> Changes:
        """What `save_application` takes."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return {"legal": cast(Legal, told)}


class CommitmentsForm(DraftForm):
    """What the project promises and declares."""

    needed = ("licence", "ties")

    licence = forms.ChoiceField(
        label=_("Licence under which you share the results"),
        help_text=_("What the round pays for stays open to all: texts, plans, data, code."),
    )
    ties = Words(
        label=_("Ties with the foundation, the local authority or a funder"),
        max_length=texts.LONGEST_WORDS,
        widget=_paragraphs(4),
        help_text=_(
            "An elected person among you, an employee, a contract… A tie excludes nobody: it is looked at. Without any, write “none”."
        ),
    )

    def __init__(self, data: Typed = None, *, initial: dict[str, Any], project: Project) -> None:
        super().__init__(data, initial=initial)
        known = [*LICENCES, *({project.licence} - {"", *LICENCES})]
        choice = cast(forms.ChoiceField, self.fields["licence"])
        choice.choices = [("", _("Choose…")), *((one, one) for one in known)]

    def changes(self) -> Changes:
        """What `save_application` takes."""
        return {"licence": self.cleaned_data["licence"], "ties": self.cleaned_data["ties"]}


PartForm: TypeAlias = StoryForm | NeedsForm | LegalForm | CommitmentsForm


class FileForm(forms.Form):
    """A picture or a document with its title."""

    title = Words(max_length=texts.LONGEST_TITLE)
    file = forms.FileField(allow_empty_file=True)  # the domain has a sentence for it

    def __init__(self, data: Typed = None, files: Files = None, *, picture: bool) -> None:
        super().__init__(data, files)
        file, title = self.fields["file"], self.fields["title"]
        if picture:
            title.label = _("What the picture shows")
            title.help_text = _(
                "For people who cannot see it: “Ten neighbours around a workbench”, not “Photo 1”."
            )
            file.label = _("Picture")
            file.help_text = _(
                "JPEG, PNG, WebP or GIF, 10 MB at most. The place where it was taken is removed from it."
            )
            file.widget.attrs["accept"] = "image/jpeg,image/png,image/webp,image/gif"
        else:
            title.label = _("What the document is")
            file.label = _("Document")
            file.help_text = _("PDF, 10 MB at most. Only the foundation and you see it.")
            file.widget.attrs["accept"] = "application/pdf"

    @property
    def upload(self) -> IO[bytes]:
        """The file that was sent."""
        return cast("IO[bytes]", self.cleaned_data["file"])


class DecisionForm(Versioned):
    """What the host decides."""

    verdict = forms.ChoiceField(label=_("Decision"), widget=KeyedRadios)
    reasons = Words(
        label=_("Reasons"),
        max_length=texts.LONGEST_WORDS,
        required=False,
        widget=_paragraphs(6),
        help_text=_(
            "Those who run the project receive them at once, by e-mail. Needed to return or to refuse it."
        ),
    )

    def __init__(
        self, data: Typed = None, *, initial: dict[str, Any], verdicts: list[tuple[str, Promise]]
    ) -> None:
        super().__init__(data, initial=initial)
        cast(forms.ChoiceField, self.fields["verdict"]).choices = verdicts


class ConflictForm(forms.Form):
    """An agent's tie to a project."""

    text = Words(
        label=_("What ties you to this project"),
        max_length=texts.LONGEST_WORDS,
        widget=_paragraphs(4),
        help_text=_("Family, work, membership, money… Your colleagues at the foundation read it."),
    )
