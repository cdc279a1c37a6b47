"""Everything that is done with rounds, by its name."""

from __future__ import annotations

from abonde.rounds.calling_off import call_off_round
from abonde.rounds.moving import advance_round, advance_rounds, move
from abonde.rounds.opening import cancel_round, open_round, write_rules_text
from abonde.rounds.parties import accept_party, invite_party, invite_party_by_mail, leave_round
from abonde.rounds.setting_up import (
    WrittenChallenge,
    create_round,
    edit_round_calendar,
    edit_round_challenges,
    edit_round_identity,
    edit_round_presentation,
    edit_round_register,
    edit_round_rules,
    edit_round_territory,
    open_round_register,
)
from abonde.rounds.signing import sign_text

__all__ = (
    "WrittenChallenge",
    "accept_party",
    "advance_round",
    "advance_rounds",
    "call_off_round",
    "cancel_round",
    "create_round",
    "edit_round_calendar",
    "edit_round_challenges",
    "edit_round_identity",
    "edit_round_presentation",
    "edit_round_register",
    "edit_round_rules",
    "edit_round_territory",
    "invite_party",
    "invite_party_by_mail",
    "leave_round",
    "move",
    "open_round",
    "open_round_register",
    "sign_text",
    "write_rules_text",
)
