"""Registers, their entries and the certificates that claim them. Nothing here reads as a name."""

from abonde.register.models.codes import Attempt, CounterNumber, PostedCode, Proposal
from abonde.register.models.imports import Import, Piece, Row
from abonde.register.models.mailings import Language, Mailing, MailingPart, MailingPiece, MailingState
from abonde.register.models.registers import (
    LONGEST_GROUP,
    Alias,
    Certificate,
    Entry,
    Origin,
    Register,
    Strategy,
    TrustedIssuer,
)

__all__ = [
    "LONGEST_GROUP",
    "Alias",
    "Attempt",
    "Certificate",
    "CounterNumber",
    "Entry",
    "Import",
    "Language",
    "Mailing",
    "MailingPart",
    "MailingPiece",
    "MailingState",
    "Origin",
    "Piece",
    "PostedCode",
    "Proposal",
    "Register",
    "Row",
    "Strategy",
    "TrustedIssuer",
]
