"""What givers are told of their payments."""

from __future__ import annotations

from abonde.notifications.actions import send_letter
from abonde.payments.models import Payment


def tell_giver(payment: Payment, kind: str, *, once: str = "", **values: object) -> None:
    """Write to the giver, once per payment, or per `once` where a payment has several such letters.

    The page on which the giver stands says the same, so that the letter may go out with those of others.
    """
    pledge = payment.pledge
    send_letter(
        kind=kind,
        person=pledge.person,
        values={
            "round": pledge.round.name,
            "round_slug": pledge.round.slug,
            "host": pledge.round.host.name,
            "cents": payment.amount,
            "pledge": str(pledge.pk),
            "reference": pledge.reference,
            "payment": str(payment.pk),
            **values,
        },
        once=f"{kind} {once or payment.pk}",
        gathered=True,
    )
