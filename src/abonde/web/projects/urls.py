"""Addresses of projects."""

from django.urls import path

from abonde.web.projects import applying, asking, carrying, public, queue, reviewing, sharing
from abonde.web.workspaces import rooms, waiting

waiting.append(reviewing.waiting_for)
rooms.append(reviewing.links)
rooms.append(asking.links)

ROUND = "campagnes/<slug:round_slug>/projets/"
MINE = "mes-projets/"
REVIEW = "espace/<slug:org>/campagnes/<slug:round_slug>/candidatures/"

urlpatterns = [
    path(f"{ROUND}deposer/", applying.start, name="application-start"),
    path(f"{ROUND}<slug:slug>/", public.project, name="project"),
    path(f"{ROUND}<slug:slug>/images/<int:pk>/<slug:size>/", public.picture, name="project-picture"),
    path(f"{ROUND}<slug:slug>/documents/<int:pk>/", public.document, name="project-document"),
    path(f"{ROUND}<slug:slug>/affiche.pdf", sharing.poster, name="project-poster"),
    path(f"{ROUND}<slug:slug>/carte/", sharing.embed, name="project-embed"),
    path("oembed", sharing.oembed, name="oembed"),
    path(f"{ROUND}<slug:slug>/questions/", asking.ask, name="project-ask"),
    path(MINE, carrying.my_projects, name="my-projects"),
    path(f"{MINE}invitations/<str:token>/", carrying.invitation, name="holder-invitation"),
    path(f"{MINE}<int:pk>/", carrying.my_project, name="my-project"),
    path(f"{MINE}<int:pk>/projet/", applying.story, name="application-project"),
    path(f"{MINE}<int:pk>/images/", applying.pictures, name="application-pictures"),
    path(f"{MINE}<int:pk>/budget/", applying.budget, name="application-budget"),
    path(f"{MINE}<int:pk>/porteur/", applying.holder, name="application-holder"),
    path(f"{MINE}<int:pk>/engagements/", applying.commitments, name="application-commitments"),
    path(f"{MINE}<int:pk>/apercu/", applying.preview, name="application-preview"),
    path(f"{MINE}<int:pk>/envoyer/", applying.submit, name="application-submit"),
    path(f"{MINE}<int:pk>/fichiers/<int:file_pk>/retirer/", applying.remove, name="attachment-remove"),
    path(f"{MINE}<int:pk>/equipe/", carrying.team, name="project-team"),
    path(f"{MINE}<int:pk>/nouvelles/", carrying.news, name="project-news"),
    path(f"{MINE}<int:pk>/nouvelles/<int:update_pk>/masquer/", carrying.hide, name="project-news-hide"),
    path(f"{MINE}<int:pk>/questions/", asking.questions, name="project-questions"),
    path(f"{MINE}<int:pk>/questions/<int:question_pk>/", asking.answer, name="project-answer"),
    path(f"{MINE}<int:pk>/recours/", carrying.appeal, name="project-appeal"),
    path(f"{MINE}<int:pk>/retirer/", carrying.withdraw, name="project-withdraw"),
    path("espace/<slug:org>/questions/", asking.asked_of_host, name="questions"),
    path("espace/<slug:org>/questions/<int:question_pk>/masquer/", asking.hide, name="question-hide"),
    path("espace/<slug:org>/candidatures/", reviewing.rounds, name="review-rounds"),
    path(REVIEW, queue.queue, name="review-queue"),
    path(f"{REVIEW}<int:pk>/", reviewing.review, name="review"),
    path(f"{REVIEW}<int:pk>/lien/", reviewing.conflict, name="review-conflict"),
    path(f"{REVIEW}<int:pk>/nouvelles/<int:update_pk>/masquer/", reviewing.hide, name="review-news-hide"),
]
