"""Everything that can be done to a project, whatever file it stands in."""

from abonde.projects.applying import (
    NotComplete,
    appeal,
    save_application,
    start_application,
    submit_application,
    withdraw_project,
)
from abonde.projects.asking import answer_question, ask_question, hide_question
from abonde.projects.attaching import add_attachment, put_picture_first, remove_attachment
from abonde.projects.carrying import (
    accept_holder_invitation,
    hide_update,
    invite_holder,
    publish_update,
)
from abonde.projects.reviewing import (
    admit,
    declare_conflict,
    refuse,
    return_application,
    select,
)

__all__ = [
    "NotComplete",
    "accept_holder_invitation",
    "add_attachment",
    "admit",
    "answer_question",
    "appeal",
    "ask_question",
    "declare_conflict",
    "hide_question",
    "hide_update",
    "invite_holder",
    "publish_update",
    "put_picture_first",
    "refuse",
    "remove_attachment",
    "return_application",
    "save_application",
    "select",
    "start_application",
    "submit_application",
    "withdraw_project",
]
