"""Addresses of the demonstration, absent in production."""

from django.urls import path

from abonde.web.demonstration import views

urlpatterns = [
    path("demonstration/", views.accounts, name="demonstration"),
    path("demonstration/<uuid:person>/", views.become, name="demonstration-become"),
]
