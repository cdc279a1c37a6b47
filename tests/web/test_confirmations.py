"""What the workspaces do at one press: nothing that ends something, moves money or cannot be changed back."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("privileges.csv")

AT_ONE_PRESS: Final = {
    "round-answer": "to take part; one may leave again, once that is confirmed",
    "fund-open": "an empty fund",
    "workspace-invitation-again": "the same invitation",
    "workspace-provider-on": "switched off on the same page",
    "register-bring": "a file that changes nothing before it is confirmed",
    "register-import-resume": "what was asked for before",
    "counter-certify": "a form that names the account; the voice can be taken back",
    "counter-move": "a form with a reason, and a sentence above its button",
    "counter-slip": "a code, which the next slip ends",
    "counter-add": "a form with a proof and a reason",
    "counter-proposal": "what a colleague wrote stands beside it",
}
"""The addresses of workspaces that have no page of their own before they act, and why that frightens nobody."""


def test_only_these_act_without_a_page_that_says_first_what_will_happen() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [list(row.values()) for row in csv.DictReader(file)]
    without_page = {
        name
        for method, name, workspace, *answers in rows
        if method == "GET" and workspace and set(answers) == {"405"}
    }
    assert without_page == AT_ONE_PRESS.keys()
