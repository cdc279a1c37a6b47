"""Forms of setting a round up. Each carries the version that its reader saw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.forms import BaseFormSet
from django.utils.translation import gettext_lazy as _

from abonde.identities.models import Provider
from abonde.organisations.models import Kind, Organisation
from abonde.register.community import trustable_issuers
from abonde.register.models import Register, Strategy
from abonde.rounds.calendar import Calendar
from abonde.rounds.models import Challenge, Round
from abonde.rounds.setting_up import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_QUESTION,
    LONGEST_SUMMARY,
    MOST_CHALLENGES,
    WrittenChallenge,
)
from abonde.rounds.wording import STRATEGIES, WEAK
from abonde.web.rounds.fields import MomentField
from abonde.web.saving import DraftForm, Rows, SavedField, Versioned
from abonde.web.widgets import EmailAddressField

MARKDOWN: Final = _("Empty lines part paragraphs; ## begins a heading, - a list, **bold** is bold.")


class NewRoundForm(forms.Form):
    """What a round is called."""

    name = forms.CharField(
        label=_("Name of the round"),
        help_text=_("Such as “Our valley 2027”. You can change it until the round opens."),
        max_length=LONGEST_NAME,
    )
    slug = forms.SlugField(
        label=_("Address of its page"),
        help_text=_("Small letters, digits and hyphens; it stays. Left empty, it is made from the name."),
        required=False,
        max_length=70,
    )


class PresentationForm(Versioned):
    """The words of the round."""

    summary = forms.CharField(
        label=_("In a sentence"),
        help_text=_("Under the name of the round, and on cards."),
        max_length=LONGEST_SUMMARY,
        required=False,
    )
    description = forms.CharField(
        label=_("Presentation"),
        help_text=MARKDOWN,
        widget=forms.Textarea,
        max_length=LONGEST_DESCRIPTION,
        required=False,
    )


class IdentityForm(PresentationForm):
    """Name and words."""

    name = forms.CharField(label=_("Name of the round"), max_length=LONGEST_NAME)
    field_order = ("name", "summary", "description", "version")


class ChallengeForm(forms.Form):
    """One challenge."""

    bound_field_class = SavedField

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Challenge"), max_length=120, required=False)
    question = forms.CharField(
        label=_("Its question"),
        widget=forms.Textarea({"rows": 2}),
        max_length=LONGEST_QUESTION,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("question") and not cleaned.get("name"):
            self.add_error("name", _("Give the challenge a name, or empty its question too."))
        return cleaned


ChallengeForms = forms.formset_factory(
    ChallengeForm, formset=Rows, extra=3, max_num=MOST_CHALLENGES, absolute_max=MOST_CHALLENGES + 3
)


def challenge_rows(challenges: Iterator[Challenge]) -> list[dict[str, str]]:
    """The present challenges, for the forms."""
    return [{"key": one.key, "name": one.name, "question": one.question} for one in challenges]


def written_challenges(formset: BaseFormSet[ChallengeForm]) -> list[WrittenChallenge]:
    """Those that have a name; emptying a name removes its challenge."""
    return [
        WrittenChallenge(key=form["key"], name=form["name"], question=form["question"])
        for form in formset.cleaned_data
        if form.get("name")
    ]


def challenge_keys(formset: BaseFormSet[ChallengeForm], round: Round) -> dict[str, str]:  # noqa: A002
    """The hidden key of each row as it is once `written_challenges` are saved."""
    keys = iter(round.challenges.order_by("position").values_list("key", flat=True))
    named = {row.add_prefix("key"): row.cleaned_data.get("name") for row in formset}
    return {place: next(keys, "") if name else "" for place, name in named.items()}


class CalendarForm(DraftForm):
    """When things happen, on the clocks of the territory."""

    needed = ("applications_open_at", "applications_close_at", "giving_opens_at", "giving_closes_at")

    applications_open_at = MomentField(label=_("Applications open"))
    applications_close_at = MomentField(label=_("Applications close"))
    has_selection = forms.BooleanField(
        label=_("We select among the admissible projects before giving begins"),
        help_text=_("Without it, every admissible project takes part."),
        required=False,
    )
    giving_opens_at = MomentField(label=_("Giving begins"))
    giving_closes_at = MomentField(label=_("Giving ends"))
    objection_days = forms.IntegerField(
        label=_("Days for objections"), help_text=_("After the result is published."), min_value=1
    )

    def calendar(self) -> Calendar:
        """What was written."""
        return Calendar(**{name: self.cleaned_data[name] for name in Calendar.__slots__})


class RegisterField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for type checkers only
    """A register by its name and by who has a voice in it: a certifier may keep several."""

    def label_from_instance(self, register: Register) -> str:
        weak = f" {WEAK}" if register.is_weak else ""
        return f"{register.name} – {STRATEGIES[Strategy(register.strategy)]}{weak}"


class RegisterForm(Versioned):
    """Whose voices are matched."""

    register = RegisterField(
        label=_("Register"), queryset=Register.objects.none(), widget=forms.RadioSelect, empty_label=None
    )


class OpenRegisterForm(Versioned):
    """A register of the host's own."""

    name = forms.CharField(label=_("Name of the register"), max_length=200)
    strategy = forms.ChoiceField(
        label=_("Who has a voice"),
        widget=forms.RadioSelect,
        choices=[
            (Strategy.COMMUNITY, _("Whoever a log-in provider of yours knows: one account there, one voice")),
            (
                Strategy.OPEN,
                _(
                    "Everyone with a verified e-mail address. Weak: one person can have several addresses, so the round "
                    "and its results will say that its voices are weakly proved"
                ),
            ),
        ],
    )
    issuers = forms.ModelMultipleChoiceField(
        label=_("Log-in providers that are trusted"),
        help_text=_("For the first choice only. They are signed with the rules, and stay as they are."),
        queryset=Provider.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, data: object, *, host: Organisation, **rest: Any) -> None:  # noqa: ANN401  (Form's arguments)
        super().__init__(data, **rest)  # type: ignore[arg-type]
        offered = trustable_issuers(host)
        self.fields["issuers"].queryset = offered  # type: ignore[attr-defined]
        if not offered:
            del self.fields["issuers"]
            strategy = self.fields["strategy"]
            strategy.choices = [one for one in strategy.choices if one[0] != Strategy.COMMUNITY]  # type: ignore[attr-defined]

    def chosen(self) -> list[Provider]:
        """The providers that a community trusts; those that were ticked for another register are left aside."""
        community = self.cleaned_data["strategy"] == Strategy.COMMUNITY
        return list(self.cleaned_data.get("issuers", ())) if community else []


class InviteForm(forms.Form):
    """An organisation that is here already."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=_("Choose…")
    )

    def __init__(self, data: object, *, round: Round) -> None:  # noqa: A002  (the word of the domain)
        super().__init__(data)  # type: ignore[arg-type]
        others = Organisation.objects.exclude(kind=Kind.HOST).exclude(
            parties__in=round.parties.filter(left_at=None)
        )
        field = self.fields["organisation"]
        field.queryset = others.order_by("kind", "name")  # type: ignore[attr-defined]
        field.label_from_instance = _named  # type: ignore[attr-defined]


class InviteByMailForm(forms.Form):
    """An organisation that is not here yet."""

    kind = forms.ChoiceField(
        label=_("Part"),
        choices=[(Kind.CERTIFIER, _("Certifier")), (Kind.FUNDER, _("Funder"))],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=_("Name of the organisation"), max_length=200)
    email = EmailAddressField(
        label=_("E-mail address of its first manager"),
        help_text=_("We send them an e-mail; they log in with it and find your invitation."),
    )


def _named(organisation: Organisation) -> str:
    return f"{organisation.name} ({organisation.get_kind_display()})"
