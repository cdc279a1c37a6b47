"""The sandbox's pages: pay or not, and decide disputes. They need no account, only the address, as elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonde.matching.refusal import Refusal
from abonde.sandbox.actions import choose
from abonde.sandbox.models import Checkout, Delivery
from abonde.sandbox.queries import checkout_of, deliveries_of
from abonde.sandbox.states import Choice, State, choices_in
from abonde.web.sandbox.forms import ChoiceForm
from abonde.web.workspaces import told

View = Callable[[HttpRequest, UUID], HttpResponse]

PAYING: Final = (Choice.PAY, Choice.PAY_LATER, Choice.REFUSE, Choice.ABANDON)
DISPUTING: Final = (Choice.DISPUTE, Choice.SEND_BACK, Choice.WIN, Choice.LOSE)
WORDS: Final = {
    Choice.PAY: _("Pay"),
    Choice.PAY_LATER: _("Pay later"),
    Choice.REFUSE: _("Have the payment refused"),
    Choice.ABANDON: _("Leave without paying"),
    Choice.DISPUTE: _("Contest the payment"),
    Choice.WIN: _("The merchant is right: the payment stands"),
    Choice.LOSE: _("The payer is right: the money goes back"),
    Choice.SEND_BACK: _("Send the money back, as the merchant"),
}
GLOSSES: Final = {
    Choice.PAY_LATER: _("The bank takes its time: ten seconds, or the delay below."),
    Choice.REFUSE: _("As where the account is empty: nothing is paid."),
    Choice.ABANDON: _("Back to the site; nothing is paid."),
    Choice.DISPUTE: _("As the payer would at their bank: this payment was not mine."),
    Choice.SEND_BACK: _("As on the pages of the provider, without telling the site."),
}
"""What a choice does, where its name does not say it all."""

STANDS: Final = {
    State.OPEN: _("To be paid"),
    State.PENDING: _("On its way"),
    State.PAID: _("This is paid"),
    State.REFUSED: _("This was refused"),
    State.ABANDONED: _("Left without paying"),
    State.REFUNDED: _("Sent back by the merchant"),
    State.DISPUTED: _("This is contested"),
    State.DISPUTE_WON: _("Contested, and the merchant was right"),
    State.DISPUTE_LOST: _("Contested, and the payer was right"),
}


def in_the_sandbox(view: View) -> View:
    """Let nobody in where the installation has no sandbox."""

    @wraps(view)
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def enter(request: HttpRequest, checkout: UUID) -> HttpResponse:
        if not settings.SANDBOX_SECRET:
            raise Http404
        return view(request, checkout)

    return enter


@in_the_sandbox
def pay(request: HttpRequest, checkout: UUID) -> HttpResponse:
    """The page on which the payer pays, or does not, and from which they go back to the merchant."""
    return _choose(request, _found(checkout), PAYING, _back_to_merchant)


@in_the_sandbox
def dispute(request: HttpRequest, checkout: UUID) -> HttpResponse:
    """The page on which a payment is contested, and the dispute decided."""
    return _choose(request, _found(checkout), DISPUTING, _same_page)


def _found(checkout: UUID) -> Checkout:
    found = checkout_of(checkout)
    if found is None:
        raise Http404
    return found


def _choose(
    request: HttpRequest,
    checkout: Checkout,
    page: tuple[Choice, ...],
    onward: Callable[[Checkout], HttpResponse],
) -> HttpResponse:
    # A second click, or one on an old page, is answered by the action, which knows what it came too late for.
    form = ChoiceForm(request.POST if request.method == "POST" else None, offered=page)
    if form.is_valid():
        choice, manner, delay = form.chosen
        try:
            return onward(choose(checkout_id=checkout.pk, choice=choice, manner=manner, delay=delay))
        except Refusal as refusal:
            told(request, refusal, form)
            checkout.refresh_from_db()
    return _page(request, checkout, form, page)


def _page(
    request: HttpRequest, checkout: Checkout, form: ChoiceForm, page: tuple[Choice, ...]
) -> HttpResponse:
    state = State(checkout.state)
    offered = [choice for choice in choices_in(state) if choice in page]
    return render(
        request,
        "sandbox/checkout.html" if page == PAYING else "sandbox/dispute.html",
        {
            "checkout": checkout,
            "form": form,
            "stands": STANDS[state],
            "choices": [(choice.value, _word(choice, state), GLOSSES.get(choice, "")) for choice in offered],
            "can_dispute": any(choice in DISPUTING for choice in choices_in(state)),
            "deliveries": [] if state == State.OPEN else _deliveries(checkout),
            "manner": "" if form.is_bound else _manner(get_language() or ""),
        },
    )


@cache
def _manner(_language: str) -> str:
    """The fields that nobody has touched yet: every payer sees the same ones, and few open them."""
    return render_to_string("sandbox/manner.html", {"form": ChoiceForm(offered=())})


def _word(choice: Choice, state: State) -> str:
    return gettext("Pay now") if choice == Choice.PAY and state != State.OPEN else str(WORDS[choice])


def _deliveries(checkout: Checkout) -> list[tuple[Delivery, str]]:
    return [(delivery, str(STANDS[State(delivery.happening.what)])) for delivery in deliveries_of(checkout)]


def _back_to_merchant(checkout: Checkout) -> HttpResponse:
    return HttpResponseRedirect(checkout.return_address)


def _same_page(checkout: Checkout) -> HttpResponse:
    return redirect("sandbox-dispute", checkout.pk)
