"""Results and statements as files for other programs: the figures of `abonde allocate`, cents as whole numbers."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256
from typing import Any

from django.http import HttpResponse

from abonde.settlement.computing import canonical
from abonde.settlement.models import Computation
from abonde.settlement.queries import FunderStatement, differences, lines_of
from abonde.settlement.results_text import contents, limits_of, voices_are_weak


def results_csv(computation: Computation) -> str:
    """One line per project, as `abonde allocate --format csv` writes them."""
    mechanism = computation.rules["mechanism"]
    header = ["project", "name", "received_cents", "persons", "counted_cents"]
    return _table(
        [
            [*header, f"{mechanism}_added_cents", f"{mechanism}_limits"],
            *(
                [
                    line.project.key,
                    line.project.name,
                    line.received,
                    line.persons,
                    line.counted,
                    line.matching,
                    " ".join(limits_of(line.explanation)),
                ]
                for line in lines_of(computation)
            ),
        ]
    )


def results_json(computation: Computation) -> str:
    """The whole result with its explanations, and what changed since the one before."""
    result: dict[str, Any] = {
        **contents(computation),
        "rules_sha256": sha256(canonical(computation.rules).encode()).hexdigest(),
        "explanations": {line.project.key: line.explanation for line in lines_of(computation)},
        "differences": [
            {
                "project": one.project.key,
                "received_cents": one.received,
                "persons": one.persons,
                "counted_cents": one.counted,
                "added_cents": one.matching,
                "own_support_changed": one.is_own,
            }
            for one in differences(computation)
        ],
    }
    return json.dumps(result, ensure_ascii=False, indent=2) + "\n"


def statement_csv(statement: FunderStatement) -> str:
    """One line per pot and project, and one per pot for what goes back; each with how far voices can be trusted."""
    weak = json.dumps(voices_are_weak(statement.computation.round))
    rows: list[list[object]] = [["pot", "project", "name", "cents", "voices_are_weak"]]
    names = {project.key: project.name for project, _ in statement.projects}
    for part in statement.pots:
        rows += [[part.pot, key, names[key], cents, weak] for key, cents in part.spent.items() if cents]
        rows.append([part.pot, "", "", part.returned, weak])
    return _table(rows)


def results_name(computation: Computation, kind: str) -> str:
    """What the file of a result is called; where voices are weakly proved it says so, since the table's bytes cannot.

    They are those of `abonde allocate`, which anybody can compare.
    """
    weak = "-weak-voices" if voices_are_weak(computation.round) else ""
    return f"{computation.round.slug}-{computation.number}{weak}.{kind}"


def file_of(text: str, name: str, kind: str) -> HttpResponse:
    """A file that the browser keeps under its name."""
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _table(rows: list[list[object]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()
