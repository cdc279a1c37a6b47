"""What the pages call states, reasons and deeds of gifts and payments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.giving.models import ContributionState
from abonde.payments.states import State

METHODS: Final[Mapping[str, Promise]] = {
    "card": _("bank card"),
    "sepa_debit": _("SEPA direct debit"),
    "bank_transfer": _("bank transfer"),
}
"""How somebody paid, as the provider calls it and as people do."""

PROVIDERS: Final[Mapping[str, Promise]] = {"sandbox": _("The Sandbox")}
"""Providers that are not known by a name of their own."""

GIFTS: Final[Mapping[str, tuple[Promise, str]]] = {
    ContributionState.PLEDGED: (_("Not paid yet"), "warning"),
    ContributionState.PAID: (_("The money is on its way"), "live"),
    ContributionState.SETTLED: (_("Received"), "success"),
    ContributionState.FAILED: (_("Not paid"), "neutral"),
    ContributionState.REFUNDED: (_("Sent back to you"), "neutral"),
    ContributionState.CHARGED_BACK: (_("Contested with the bank"), "danger"),
}
"""A gift as its giver reads it: a word or two, and a tone."""

GIFTS_OF_HOST: Final[Mapping[str, tuple[Promise, str]]] = {
    **GIFTS,
    ContributionState.REFUNDED: (_("Sent back"), "neutral"),
    ContributionState.CHARGED_BACK: (_("Contested"), "danger"),
}
"""The same as the host's treasurer reads it."""

PAYMENTS: Final[Mapping[str, tuple[Promise, str]]] = {
    State.CREATED: (_("Begun"), "neutral"),
    State.PENDING: (_("Being confirmed"), "live"),
    State.PAID: (_("Paid, on its way"), "live"),
    State.SETTLED: (_("Received"), "success"),
    State.FAILED: (_("Failed"), "danger"),
    State.EXPIRED: (_("Too late"), "neutral"),
    State.CANCELLED: (_("Abandoned"), "neutral"),
    State.REFUNDED: (_("Sent back"), "neutral"),
    State.DISPUTED: (_("Contested"), "danger"),
    State.WON: (_("Contested, and kept"), "success"),
    State.LOST: (_("Contested, and lost"), "danger"),
}
"""A payment as the host's treasurer reads it."""

DEEDS: Final[Mapping[str, Promise]] = {
    "start_payment": _("The giver began to pay"),
    "payment_pending": _("The provider waits for the bank"),
    "payment_paid": _("The bank has confirmed; the money is on its way"),
    "payment_settled": _("The money is there: the gifts count"),
    "payment_failed": _("The payment failed"),
    "payment_expired": _("The payment page was left too long"),
    "payment_cancelled": _("The giver gave the payment up"),
    "payment_disputed": _("The giver’s bank contests the payment: the gifts no longer count"),
    "payment_won": _("The dispute was won: the gifts count again"),
    "payment_lost": _("The dispute was lost"),
    "payment_refunded": _("The provider says that the money went back"),
    "refund_payment": _("Gifts were sent back"),
    "send_back_payment": _("The platform sent back money that could not count"),
    "carry_out_refund": _("The provider has carried the refund out"),
}
"""What the log of events calls what happened to a payment."""

SENT_BACK: Final[Mapping[str, Promise]] = {
    "gift-paid-twice": _("These gifts had already been paid: this second payment goes back to you."),
    "gift-too-late": _("This payment came after the end of the round: it goes back to you."),
    "gift-called-off": _("This payment came after the round was called off: it goes back to you."),
}
"""Why the platform sent a payment back, as its giver reads it."""
