"""Addresses of voices."""

from django.urls import path

from abonde.web.voices import address_file, claiming, counter, listing, lost_letters, mailing, proposals
from abonde.web.workspaces import rooms, waiting

rooms.append(counter.links)
waiting.append(proposals.waiting_for)

COUNTER = "espace/<slug:org>/guichet/"
LETTERS = "espace/<slug:org>/registres/<int:register>/lettres/"
PROPOSALS = f"{COUNTER}propositions/"

urlpatterns = [
    path("ma-voix/code/", claiming.by_code, name="my-voice-code"),
    path("ma-voix/guichet/", claiming.at_the_counter, name="my-voice-counter"),
    path(COUNTER, counter.counter, name="counter"),
    path(f"{COUNTER}<int:register>/", counter.search, name="counter-search"),
    path(f"{COUNTER}<int:register>/attester/", counter.certify_account, name="counter-certify"),
    path(f"{COUNTER}<int:register>/transferer/", counter.move, name="counter-move"),
    path(f"{COUNTER}<int:register>/bulletin/", counter.print_slip, name="counter-slip"),
    path(f"{COUNTER}<int:register>/ajouter/", counter.add, name="counter-add"),
    path("espace/<slug:org>/registres/<int:register>/voix/", listing.voices, name="voices"),
    path(
        "espace/<slug:org>/registres/<int:register>/voix/<int:pk>/retirer/",
        listing.revoke,
        name="voice-revoke",
    ),
    path(LETTERS, address_file.mailings, name="mailings"),
    path(f"{LETTERS}<int:number>/", mailing.mailing, name="mailing"),
    path(f"{LETTERS}<int:number>/supprimer/", mailing.discard, name="mailing-discard"),
    path(f"{LETTERS}<int:number>/codes/", lost_letters.end, name="mailing-codes"),
    path(f"{LETTERS}<int:number>/liste.csv", mailing.addresses, name="mailing-addresses"),
    path(f"{LETTERS}<int:number>/<int:position>.pdf", mailing.letters, name="mailing-letters"),
    path(PROPOSALS, proposals.proposals, name="counter-proposals"),
    path(f"{PROPOSALS}<int:proposal>/", proposals.decide_one, name="counter-proposal"),
    path(f"{PROPOSALS}<int:proposal>/decliner/", proposals.decline, name="counter-proposal-decline"),
]
