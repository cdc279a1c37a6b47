"""Addresses of the audit trail."""

from django.urls import path

from abonde.web.trail import views
from abonde.web.workspaces import rooms

rooms.append(views.links)

urlpatterns = [
    path("espace/<slug:org>/journal/", views.trail, name="audit-trail"),
    path("espace/<slug:org>/journal.csv", views.trail_csv, name="audit-trail-csv"),
]
