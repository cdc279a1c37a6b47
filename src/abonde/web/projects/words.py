"""What the pages call states, decisions, parts and deeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.projects.models import Verdict
from abonde.projects.rules import Part
from abonde.projects.states import State

STATES: Final[Mapping[str, tuple[Promise, str]]] = {
    State.DRAFT: (_("Draft"), "neutral"),
    State.SUBMITTED: (_("Handed in"), "live"),
    State.RETURNED: (_("To be completed"), "warning"),
    State.ADMITTED: (_("Admissible"), "live"),
    State.SELECTED: (_("Public"), "success"),
    State.REFUSED: (_("Refused"), "danger"),
    State.APPEALED: (_("Appeal under way"), "warning"),
    State.WITHDRAWN: (_("Withdrawn"), "neutral"),
}
"""Each state in a word, and its tone."""

VERDICTS: Final[Mapping[str, Promise]] = {
    Verdict.RETURN: _("Returned to be completed"),
    Verdict.ADMIT: _("Found admissible"),
    Verdict.SELECT: _("Selected"),
    Verdict.REFUSE: _("Refused"),
}

PARTS: Final[Mapping[Part, Promise]] = {
    Part.PROJECT: _("The project"),
    Part.PICTURES: _("Pictures"),
    Part.BUDGET: _("Budget"),
    Part.HOLDER: _("Who runs it"),
    Part.COMMITMENTS: _("Commitments"),
}

DEEDS: Final[Mapping[str, Promise]] = {
    "start_application": _("began the application"),
    "save_application": _("wrote in the application"),
    "add_attachment": _("added a file"),
    "remove_attachment": _("removed a file"),
    "put_picture_first": _("chose the first picture"),
    "submit_application": _("handed the application in"),
    "return_application": _("returned it to be completed"),
    "admit": _("found it admissible"),
    "select": _("selected it"),
    "refuse": _("refused it"),
    "appeal": _("appealed against the refusal"),
    "withdraw_project": _("withdrew the project"),
    "declare_conflict": _("declared a tie to the project"),
    "invite_holder": _("invited another person to run it"),
    "accept_holder_invitation": _("joined those who run it"),
    "publish_update": _("published news"),
    "hide_update": _("took news off the page"),
    "ask_question": _("asked a question"),
    "answer_question": _("answered a question"),
    "hide_question": _("took a question off the page"),
}
"""What the log of events calls a deed, as the end of a sentence that begins with a name."""

LICENCES: Final = (
    "CC BY-SA 4.0",
    "CC BY 4.0",
    "CC0 1.0",
    "Licence Ouverte 2.0",
    "ODbL 1.0",
    "EUPL 1.2",
    "GNU AGPL 3.0",
    "CERN-OHL-S 2.0",
)
