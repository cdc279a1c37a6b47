"""Addresses of the simulator."""

from django.urls import path

from abonde.web.simulator import views

urlpatterns = [
    path("simulateur/", views.simulator, name="simulator"),
    path("simulateur.csv", views.simulator_csv, name="simulator-csv"),
]
