"""What is done with payments; the deeds stand by subject in the modules beside this one."""

from abonde.payments.hearing import ask_about, check_payment, receive_notice
from abonde.payments.refunding import carry_out_refund, refund_payment
from abonde.payments.settling import take_report
from abonde.payments.starting import Begun, start_payment

__all__ = (
    "Begun",
    "ask_about",
    "carry_out_refund",
    "check_payment",
    "receive_notice",
    "refund_payment",
    "start_payment",
    "take_report",
)
