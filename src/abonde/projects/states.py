"""The life of a project in a round, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models


class State(models.TextChoices):
    """Where a project stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ADMITTED = "admitted"
    SELECTED = "selected"
    REFUSED = "refused"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Final[Mapping[State, tuple[State, ...]]] = {
    State.DRAFT: (State.SUBMITTED, State.WITHDRAWN),
    State.SUBMITTED: (State.RETURNED, State.ADMITTED, State.REFUSED, State.WITHDRAWN),
    State.RETURNED: (State.SUBMITTED, State.WITHDRAWN),
    State.ADMITTED: (State.SELECTED, State.REFUSED, State.WITHDRAWN),
    State.SELECTED: (State.WITHDRAWN,),
    State.REFUSED: (State.APPEALED,),
    State.APPEALED: (State.ADMITTED, State.REFUSED),
    State.WITHDRAWN: (),
}
"""`admitted` meets the conditions; `selected` receives gifts. A round without selection selects what it admits."""
