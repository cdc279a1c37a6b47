"""What pages say about registers and imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from abonde.register.models import Strategy
from abonde.register.states import State
from abonde.web.pieces import Underway
from abonde.web.wording import number

STRATEGIES: Final[Mapping[str, Promise]] = {
    Strategy.CERTIFIED: _("Certified register"),
    Strategy.COMMUNITY: _("Register of a community"),
    Strategy.OPEN: _("Open register, by e-mail address: weak"),
}
STATES: Final[Mapping[str, tuple[Promise, str]]] = {
    State.UPLOADED: (_("To be described"), "warning"),
    State.READING: (_("Being read"), "live"),
    State.COMPARED: (_("To be confirmed"), "warning"),
    State.APPLYING: (_("Being written"), "live"),
    State.DONE: (_("Done"), "success"),
    State.FAILED: (_("Failed"), "danger"),
    State.DISCARDED: (_("Discarded"), "neutral"),
}
"""Words and tone of each state."""

METHODS: Final[Mapping[str, Promise]] = {
    "franceconnect": _("By FranceConnect"),
    "code": _("By a code"),
    "counter": _("At the counter"),
    "community": _("By a trusted log-in provider"),
    "open": _("By e-mail address"),
}
"""By which way a voice was claimed."""

COUNTS: Final[Mapping[str, Promise]] = {
    "new": _("new people"),
    "unchanged": _("unchanged"),
    "changed": _("changed"),
    "returned": _("back again"),
    "gone": _("no longer in the file"),
    "bad": _("rows that cannot be used"),
}


def rows_read(read: int, expected: int) -> Underway:
    """How far a file is read; how many rows it has is only guessed before."""
    total = max(read, expected)
    label = gettext("{read} of about {total} rows").format(read=number(read), total=number(total))
    return Underway(label, read, total)
