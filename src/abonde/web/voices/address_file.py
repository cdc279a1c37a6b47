"""A file of addresses comes in for letters with codes: brought beside the letters so far, then described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.register.importing_layout import Layout, Part
from abonde.register.mailing import (
    FEWEST_LINES,
    MOST_LINES,
    bring_addresses,
    describe_addresses,
    preview,
    write_letters,
)
from abonde.register.models import Mailing, MailingState, Register, Strategy
from abonde.register.queries import registers_of
from abonde.web.listing import Cell, Column, Listing
from abonde.web.register.forms import BringForm, LayoutForm, guessed
from abonde.web.register.receiving import Sealing
from abonde.web.wording import number as written
from abonde.web.workspaces import AgentRequest, agent_required, told

STATES: Final[Mapping[str, tuple[Promise, str]]] = {
    MailingState.UPLOADED: (gettext_lazy("To be described"), "warning"),
    MailingState.WRITING: (gettext_lazy("Being written"), "live"),
    MailingState.READY: (gettext_lazy("Ready"), "success"),
    MailingState.FAILED: (gettext_lazy("Failed"), "danger"),
    MailingState.DISCARDED: (gettext_lazy("Deleted"), "neutral"),
}


class BringAddressesForm(BringForm):
    """The file of addresses, which is read once and kept nowhere."""

    def __init__(
        self, data: QueryDict | None = None, files: MultiValueDict[str, UploadedFile[bytes]] | None = None
    ) -> None:
        super().__init__(data, files)
        file = self.fields["file"]
        file.label = _("File of addresses")
        file.help_text = _(
            "CSV or XLSX, one person a row: birth name, given names, birth date, and the lines of the address."
        )


class AddressForm(LayoutForm):
    """How the file of addresses is written: who each row is, and the lines of the address."""

    def __init__(self, data: Any, *, layout: Layout, rows: Sequence[Sequence[str]]) -> None:  # noqa: ANN401
        super().__init__(data, layout=layout, rows=rows)
        del self.fields[Part.GROUP.value]
        choices = self.fields[Part.BIRTH_NAME.value].choices  # type: ignore[attr-defined]
        for number in range(1, MOST_LINES + 1):
            self.fields[f"line_{number}"] = forms.ChoiceField(
                label=_("Line {number} of the address").format(number=number),
                help_text=_("As on an envelope, usually the name of the person.") if number == 1 else "",
                required=number <= FEWEST_LINES,
                choices=choices,
                error_messages={"required": _("Say which column holds this.")},
            )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the letters"), choices=[("fr", "Français"), ("en", "English")]
        )
        self.order_fields(
            [
                *(part.value for part in Part if part != Part.GROUP),
                *(f"line_{number}" for number in range(1, MOST_LINES + 1)),
                "language",
                "has_titles",
                "encoding",
                "delimiter",
            ]
        )

    def complete(self) -> Layout:
        """The layout with the columns by which people are matched."""
        self.cleaned_data[Part.GROUP.value] = ""
        return super().complete()

    @property
    def lines(self) -> list[int]:
        """The columns of the address, its first line first."""
        given = (self.cleaned_data[f"line_{number}"] for number in range(1, MOST_LINES + 1))
        return [int(column) for column in given if column]


@csrf_exempt  # _brought checks the token, once the file is received by a handler of our own
@require_http_methods(["GET", "HEAD", "POST"])
@agent_required(Role.REGISTRAR)
def mailings(request: AgentRequest, org: str, register: int) -> HttpResponseBase:
    """The letters of a register so far, and the way to write more."""
    found = _register(request, register)
    if request.method == "POST":
        request.upload_handlers = [Sealing(request)]
        return _brought(request, org, found)
    return _page(request, found, BringAddressesForm())


@csrf_protect
def _brought(request: AgentRequest, org: str, found: Register) -> HttpResponse:
    form = BringAddressesForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            made = bring_addresses(
                person=request.user, register=found, pieces=form.cleaned_data["file"].pieces
            )
        except Refusal as refusal:
            told(request, refusal, form)
        else:
            return redirect("mailing", org, found.pk, made.pk)
    return _page(request, found, form)


def describe(request: AgentRequest, org: str, found: Mailing, standing: dict[str, Any]) -> HttpResponse:
    """Ask how the file is written, with its first rows in view."""
    layout = Layout.from_json({name: value for name, value in found.layout.items() if name != "lines"})
    rows: list[list[str]] = []
    try:
        rows = preview(found)
    except Refusal as refusal:
        told(request, refusal)
    form = AddressForm(request.POST or None, layout=layout, rows=rows)
    if request.method == "POST" and _described(request, found, form):
        return redirect("mailing", org, found.register_id, found.pk)
    return render(
        request,
        "voices/mailing_describe.html",
        {**standing, "form": form, "rows": rows, "layout": layout},
    )


def _described(request: AgentRequest, found: Mailing, form: AddressForm) -> bool:
    """Whether the next page is to be shown; what is to be mended stays in the form."""
    try:
        if "look" in request.POST:
            seen = describe_addresses(person=request.user, mailing_id=found.pk, layout=form.look())
            again = guessed(form.look(), preview(seen))
            describe_addresses(person=request.user, mailing_id=found.pk, layout=again)
            return True
        if form.is_valid():
            write_letters(
                person=request.user,
                mailing_id=found.pk,
                layout=form.complete(),
                lines=form.lines,
                language=form.cleaned_data["language"],
            )
            return True
    except Refusal as refusal:
        told(request, refusal, form)
    return False


def _page(request: AgentRequest, found: Register, form: BringForm) -> HttpResponse:
    rows = found.mailings.annotate(used=Count("codes", filter=Q(codes__used_at__isnull=False)))
    listing = Listing(
        request, rows, _columns(request.organisation.slug), usual="-brought", name=f"letters-{found.pk}"
    )
    if listing.is_file:
        return listing.file()
    under_way = found.mailings.filter(state__in=[MailingState.UPLOADED, MailingState.WRITING]).first()
    context = {"register": found, "form": form, "listing": listing, "under_way": under_way}
    return render(request, "voices/mailings.html", context)


def _columns(org: str) -> list[Column[Mailing]]:
    def brought(one: Mailing) -> Cell:
        day = date_format(localtime(one.uploaded_at), "SHORT_DATETIME_FORMAT")
        return Cell(text=day, url=reverse("mailing", args=[org, one.register_id, one.pk]))

    def state(one: Mailing) -> Cell:
        word, tone = STATES[one.state]
        return Cell(text=word, tone=tone)

    return [
        Column(
            key="brought",
            label=_("Brought on"),
            cell=brought,
            plain=lambda one: one.uploaded_at,
            order="uploaded_at",
            greatest_first=True,
        ),
        Column(key="state", label=_("State"), cell=state, plain=lambda one: one.state),
        Column(
            key="letters",
            label=_("Letters"),
            cell=lambda one: Cell(text=written(one.counts.get("letters", 0))),
            plain=lambda one: one.counts.get("letters", 0),
            is_number=True,
        ),
        Column(
            key="used",
            label=_("Used for a voice"),
            cell=lambda one: Cell(text=written(vars(one)["used"])),
            plain=lambda one: vars(one)["used"],
            order="used",
            greatest_first=True,
            is_number=True,
        ),
    ]


def _register(request: AgentRequest, register: int) -> Register:
    return get_object_or_404(
        registers_of(request.organisation).filter(strategy=Strategy.CERTIFIED), pk=register
    )
