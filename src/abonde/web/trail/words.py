"""The log of events in words: deeds as the end of a sentence that begins with a name, and what a change names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.web.projects.words import DEEDS as OF_PROJECTS
from abonde.web.projects.words import STATES as PROJECT_STATES
from abonde.web.rounds.showing import STATES as OF_ROUNDS

OF_PEOPLE: Final = frozenset({"ask_question", "raise_objection"})
"""What citizens do: the trail says that it happened, and never names them."""

NOT_HANDED_IN: Final = frozenset(
    {
        "start_application",
        "save_application",
        "add_attachment",
        "remove_attachment",
        "put_picture_first",
        "invite_holder",
        "accept_holder_invitation",
    }
)
"""What holders do among themselves: a host knows of an application once it is handed in, no earlier."""

KINDS: Final[Mapping[str, tuple[Promise, Mapping[str, str | Promise]]]] = {
    "rounds": (
        _("Rounds"),
        {
            "create_round": _("began the round"),
            "edit_round_identity": _("changed its name or words"),
            "edit_round_presentation": _("changed how it is presented"),
            "edit_round_territory": _("changed its territory"),
            "edit_round_challenges": _("changed its challenges"),
            "edit_round_calendar": _("changed its calendar"),
            "edit_round_rules": _("changed its rules of matching"),
            "edit_round_register": _("chose its register"),
            "invite_party": _("invited an organisation to take part"),
            "accept_party": _("accepted to take part"),
            "leave_round": _("no longer takes part"),
            "write_rules_text": _("wrote the text of the rules to be signed"),
            "sign_rules": _("signed the rules"),
            "open_round": _("opened the round"),
            "cancel_round": _("gave the draft up"),
            "call_off_round": _("called the round off"),
            "move_round": _("moved the round on by its calendar"),
        },
    ),
    "projects": (
        _("Projects"),
        {verb: words for verb, words in OF_PROJECTS.items() if verb not in NOT_HANDED_IN},
    ),
    "money": (
        _("Funds"),
        {
            "open_fund": _("opened the fund"),
            "add_pot": _("added a pot"),
            "edit_pot": _("changed a pot"),
            "propose_agreement": _("proposed an agreement"),
            "sign_agreement": _("signed an agreement"),
            "cancel_agreement": _("took an agreement back"),
            "receive_instalment": _("noted an instalment as received"),
            "return_instalment": _("noted an instalment as sent back"),
        },
    ),
    "results": (
        _("Results"),
        {
            "compute_result": _("computed the result"),
            "publish_result": _("published the provisional result"),
            "raise_objection": _("objected to the result"),
            "decide_objection": _("answered an objection"),
            "ask_signatures": _("asked for the signatures of the result"),
            "sign_results": _("signed the result"),
            "finalise": _("made the result final"),
            "settle_result": _("moved the money to the projects in the accounts"),
        },
    ),
    "team": (
        _("Team and organisation"),
        {
            "create_organisation": _("entered the organisation"),
            "edit_organisation": _("changed what is said about the organisation"),
            "rotate_signing_key": _("made a new signing key"),
            "invite_agent": _("invited somebody to the team"),
            "revoke_invitation": _("took an invitation back"),
            "accept_invitation": _("joined the team"),
            "change_role": _("changed the role of an agent"),
            "end_membership": _("ended somebody’s part in the team"),
            "add_login_provider": _("added a log-in provider"),
            "edit_login_provider": _("changed a log-in provider"),
            "switch_login_provider": _("switched a log-in provider on or off"),
            "grant_role_by_provider": _("gave a role"),
            "end_role_by_provider": _("ended a role"),
        },
    ),
    "registers": (
        _("Registers"),
        {
            "open_register": _("opened the register"),
            "bring_register_file": _("brought a file of inhabitants"),
            "confirm_import": _("confirmed the file"),
            "discard_import": _("discarded the file"),
            "finish_import": _("wrote the file into the register"),
            "fail_import": _("could not read the file"),
            "make_code": _("made a code at the counter"),
            "bring_addresses": _("brought a file of addresses for letters"),
            "write_letters": _("had letters with codes written"),
            "finish_letters": _("wrote the letters with codes"),
            "discard_letters": _("deleted letters with codes"),
            "end_codes": _("ended the codes of letters that were lost"),
            "search_register": _("searched the register at the counter"),
            "propose_entry": _("proposed to add an entry"),
            "add_entry": _("added an entry"),
            "decline_entry": _("declined to add an entry"),
            "revoke_certificate": _("took a voice back"),
            "move_voice": _("moved a voice to another account of the same person"),
        },
    ),
}
"""The kinds that one filters by, each with its deeds. What is not named here is not shown."""

DEEDS: Final[Mapping[str, str | Promise]] = {
    verb: words for _label, deeds in KINDS.values() for verb, words in deeds.items()
}

FIELDS: Final[Mapping[str, Promise]] = {
    "state": _("state"),
    "amount": _("amount"),
    "role": _("role"),
    "name": _("name"),
    "matching": _("added by the fund"),
    "left": _("left in the fund"),
    "reason": _("reason"),
    "number": _("number"),
    "enabled": _("offered"),
}
"""What a change may name, in words. Keys of rows and fingerprints say nothing to people and are left out."""

MONEY: Final = frozenset({"amount", "matching", "left"})

STATES: Final[Mapping[str, Mapping[str, str | Promise]]] = {
    "rounds.round": {state.value: word for state, (word, _tone) in OF_ROUNDS.items()},
    "projects.project": {state: word for state, (word, _tone) in PROJECT_STATES.items()},
}
"""The words for states by type of subject; states of other things are told by the deed itself."""
