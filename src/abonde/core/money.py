"""Money columns: integer euro cents."""

from __future__ import annotations

from django.db import models


class CentsField(models.BigIntegerField):  # type: ignore[type-arg]  # Django's class takes no parameters at run time
    """An amount in `Cents`. What it may be (positive, at most …) is said by the constraints of its table."""

    description = "Euro cents"
