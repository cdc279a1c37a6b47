"""The Django app."""

from django.apps import AppConfig


class Payments(AppConfig):
    """Payments and the providers that carry them."""

    name = "abonde.payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Send money back as soon as a round is called off, and forget who paid when their account goes."""
        from abonde.payments.forgetting import forget
        from abonde.payments.leaving import on_round_moved
        from abonde.people.leaving import farewells
        from abonde.rounds.announcing import on_move

        on_move.append(on_round_moved)
        farewells.append(forget)
