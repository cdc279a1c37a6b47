"""What funders bring to a round, as a list of the host's: how much has come in of it, and when the next part is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonde.funds.models import Agreement, AgreementState
from abonde.rounds.models import Round
from abonde.web.listing import Cell, Column
from abonde.web.wording import money

STATES: Final[Mapping[str, tuple[Promise, str]]] = {
    AgreementState.SIGNED: (gettext_lazy("signed"), "success"),
    AgreementState.PROPOSED: (gettext_lazy("to be signed"), "warning"),
    AgreementState.CANCELLED: (gettext_lazy("taken back"), "neutral"),
}


def with_money(agreements: QuerySet[Agreement]) -> QuerySet[Agreement]:
    """The agreements with what has come in of each (`received`, cents), and the day on which more is due (`due`)."""
    here = Q(instalments__received_at__isnull=False)
    return agreements.annotate(
        received=Coalesce(Sum("instalments__amount", filter=here), 0),
        due=Min("instalments__due_on", filter=~here & Q(state=AgreementState.SIGNED)),
    )


def columns(org: str, found: Round) -> list[Column[Agreement]]:
    """What the list shows of each agreement."""

    def funder(one: Agreement) -> Cell:
        return Cell(text=one.funder.name, url=reverse("agreement", args=[org, found.slug, one.pk]))

    def due(one: Any) -> Cell:  # noqa: ANN401  (an agreement with_money)
        return Cell(text=date_format(one.due, "SHORT_DATE_FORMAT") if one.due else "")

    def received(one: Any) -> Cell:  # noqa: ANN401
        return Cell(text=money(one.received, whole=True))

    def state(one: Agreement) -> Cell:
        label, tone = STATES[one.state]
        return Cell(text=label, tone=tone)

    def of(name: str) -> Any:  # noqa: ANN401
        return lambda one: getattr(one, name)

    return [
        Column(key="funder", label=_("Funder"), cell=funder, order="funder__name"),
        Column(key="pot", label=_("Pot"), cell=lambda one: Cell(text=one.pot.name), order="pot__name"),
        Column(
            key="amount",
            label=_("Amount"),
            cell=lambda one: Cell(text=money(one.amount, whole=True)),
            plain=of("amount"),
            order="amount",
            greatest_first=True,
            is_number=True,
        ),
        Column(
            key="received",
            label=_("Received"),
            cell=received,
            plain=of("received"),
            order="received",
            greatest_first=True,
            is_number=True,
        ),
        Column(key="due", label=_("Next part due on"), cell=due, plain=of("due"), order="due"),
        Column(key="state", label=_("State"), cell=state, plain=of("state"), order="state"),
    ]
