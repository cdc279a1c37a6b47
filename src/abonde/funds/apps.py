"""The Django app."""

from django.apps import AppConfig


class Funds(AppConfig):
    """The complementary fund of a round: pots, agreements, instalments."""

    name = "abonde.funds"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let rounds ask what their fund lacks."""
        from abonde.funds.opening import keep_signed_funders, lacking
        from abonde.rounds.announcing import before_leaving, needed_to_open

        needed_to_open.append(lacking)
        before_leaving.append(keep_signed_funders)
