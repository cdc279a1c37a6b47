"""Addresses of giving."""

from django.urls import path

from abonde.web.giving import basket, notices, own, paying, refunding, thanking, treasury
from abonde.web.workspaces import rooms, waiting

waiting.append(treasury.waiting_for)
rooms.append(treasury.links)

ROUND = "campagnes/<slug:round_slug>/"
BASKET = f"{ROUND}panier/"
PAYMENT = "paiements/<uuid:payment_id>/"
HOST = "espace/<slug:org>/campagnes/<slug:round_slug>/paiements/"

urlpatterns = [
    path(BASKET, basket.show, name="basket"),
    path(f"{ROUND}payer/", paying.check_out, name="basket-checkout"),
    path(f"{BASKET}<slug:slug>/", basket.put, name="basket-put"),
    path(f"{BASKET}<slug:slug>/retirer/", basket.take, name="basket-take-out"),
    path("paiements/avis/<slug:provider>/", notices.receive, name="payment-notice"),
    path(PAYMENT, paying.payment, name="payment"),
    path(f"{PAYMENT}retour/", paying.back, name="payment-return"),
    path("merci/<uuid:pledge_id>/", thanking.thank_you, name="thank-you"),
    path("mes-dons/", own.my_gifts, name="my-gifts"),
    path("espace/<slug:org>/paiements/", treasury.rounds, name="payment-rounds"),
    path(HOST, treasury.payments, name="round-payments"),
    path(f"{HOST}<uuid:payment_id>/", treasury.payment, name="round-payment"),
    path(f"{HOST}<uuid:payment_id>/rembourser/", refunding.refund, name="round-payment-refund"),
]
