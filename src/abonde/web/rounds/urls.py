"""Addresses of rounds."""

from django.urls import path

from abonde.web.rounds import (
    calling_off,
    guide,
    host,
    public,
    rules_page,
    signing,
    steps,
    trio,
    trying,
    waiting,
    watch,
)
from abonde.web.workspaces import rooms
from abonde.web.workspaces import waiting as asked

asked.append(waiting.waiting_for)
rooms.append(waiting.links)

ROUND = "campagnes/<slug:round_slug>/"
SPACE = "espace/<slug:org>/campagnes/"
SET_UP = f"{SPACE}<slug:round_slug>/"

urlpatterns = [
    path("", public.home, name="home"),
    path("campagnes/", public.rounds, name="rounds"),
    path(ROUND, public.round_page, name="round"),
    path(f"{ROUND}reglement/", rules_page.rules, name="round-rules"),
    path(f"{ROUND}reglement.json", rules_page.rules_json, name="round-rules-json"),
    path(f"{ROUND}guide.pdf", guide.guide, name="round-guide"),
    path(f"{ROUND}guichet.pdf", guide.counter_sheet, name="round-counter-sheet"),
    path(SPACE, host.rounds, name="workspace-rounds"),
    path(f"{SPACE}nouvelle/", host.new, name="round-new"),
    path(SET_UP, host.workspace_round, name="workspace-round"),
    path(f"{SET_UP}identite/", steps.identity, name="round-identity"),
    path(f"{SET_UP}territoire/", steps.territory, name="round-territory"),
    path(f"{SET_UP}defis/", steps.challenges, name="round-challenges"),
    path(f"{SET_UP}calendrier/", steps.calendar, name="round-calendar"),
    path(f"{SET_UP}abondement/", steps.matching, name="round-matching"),
    path(f"{SET_UP}registre/", steps.register, name="round-register"),
    path(f"{SET_UP}trio/", trio.trio, name="round-trio"),
    path(f"{SET_UP}trio/<int:party>/retirer/", trio.take_back, name="round-party-withdraw"),
    path(f"{SET_UP}participer/", trio.answer, name="round-answer"),
    path(f"{SET_UP}participer/non/", trio.leave, name="round-leave"),
    path(f"{SET_UP}signatures/", signing.signatures, name="round-signatures"),
    path(f"{SET_UP}signer/<slug:sha256>/", signing.sign, name="sign-rules"),
    path(f"{SET_UP}ouvrir/", signing.open_it, name="round-open"),
    path(f"{SET_UP}abandonner/", host.cancel, name="round-cancel"),
    path(f"{SET_UP}annuler/", calling_off.call_off, name="round-call-off"),
    path(f"{SET_UP}apercu/", trying.preview, name="round-preview"),
    path(f"{SET_UP}essai/", trying.try_rules, name="round-try"),
    path(f"{SET_UP}suivi/", watch.watch, name="round-watch"),
    path(f"{SET_UP}suivi.csv", watch.watch_csv, name="round-watch-csv"),
]
