"""Addresses of funds."""

from django.urls import path

from abonde.web.funding import agreements, fund, waiting
from abonde.web.workspaces import rooms
from abonde.web.workspaces import waiting as asked

asked.append(waiting.waiting_for)
rooms.append(waiting.links)

FUND = "espace/<slug:org>/fonds/<slug:round_slug>/"

urlpatterns = [
    path("espace/<slug:org>/fonds/", fund.funds, name="funds"),
    path(FUND, fund.fund, name="fund"),
    path(f"{FUND}ouvrir/", fund.open_it, name="fund-open"),
    path(f"{FUND}enveloppes/nouvelle/", fund.new_pot, name="pot-new"),
    path(f"{FUND}enveloppes/<int:pk>/", fund.one_pot, name="pot"),
    path(f"{FUND}engagements/nouveau/", agreements.propose, name="agreement-new"),
    path(f"{FUND}engagements/<int:pk>/", agreements.agreement, name="agreement"),
    path(f"{FUND}engagements/<int:pk>/retirer/", agreements.take_back, name="agreement-cancel"),
    path(f"{FUND}versements/<int:pk>/recu/", agreements.received, name="instalment-received"),
    path(f"{FUND}versements/<int:pk>/rendu/", agreements.sent_back, name="instalment-returned"),
]
