"""The Django app of the books."""

from django.apps import AppConfig


class Ledger(AppConfig):
    """Books, accounts, transactions and postings."""

    name = "abonde.ledger"
    default_auto_field = "django.db.models.BigAutoField"
