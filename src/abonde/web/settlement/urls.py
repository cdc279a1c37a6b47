"""Addresses of results."""

from django.urls import path

from abonde.web.settlement import host, public, trio
from abonde.web.workspaces import waiting

waiting.append(trio.waiting_for)

ROUND = "campagnes/<slug:round_slug>/"
SPACE = "espace/<slug:org>/campagnes/<slug:round_slug>/"

urlpatterns = [
    path(f"{ROUND}resultats/", public.results, name="results"),
    path(f"{ROUND}resultats.csv", public.results_csv, name="results-csv"),
    path(f"{ROUND}resultats.json", public.results_json, name="results-json"),
    path(f"{ROUND}resultats-signes.json", public.signed_text, name="results-signed-text"),
    path(f"{ROUND}resultats/calculs/<int:number>/", public.computation, name="results-computation"),
    path(f"{ROUND}resultats/<slug:slug>/", public.explanation, name="result-explanation"),
    path(f"{ROUND}objections/", public.objections, name="objections"),
    path(f"{ROUND}objections/nouvelle/", public.object_to, name="objection-new"),
    path(f"{SPACE}resultats/", host.workspace, name="results-workspace"),
    path(f"{SPACE}resultats/calculer/", host.compute, name="results-compute"),
    path(f"{SPACE}resultats/calcul/", host.progress, name="results-progress"),
    path(f"{SPACE}resultats/signatures/", host.ask, name="results-ask"),
    path(f"{SPACE}resultats/final/", host.make_final, name="results-finalise"),
    path(f"{SPACE}resultats/signer/", trio.signing, name="results-signing"),
    path(f"{SPACE}resultats/releve/", trio.statement, name="funder-statement"),
    path(f"{SPACE}resultats/releve.csv", trio.statement_csv, name="funder-statement-csv"),
    path(f"{SPACE}objections/", host.queue, name="objections-queue"),
    path(f"{SPACE}objections/<int:pk>/", host.answer, name="objection-answer"),
]
