"""Addresses of the sandbox provider's pages; each answers 404 where the installation has no sandbox."""

from django.urls import path

from abonde.web.sandbox import views

urlpatterns = [
    path("bac-a-sable/<uuid:checkout>/", views.pay, name="sandbox-checkout"),
    path("bac-a-sable/<uuid:checkout>/litige/", views.dispute, name="sandbox-dispute"),
]
