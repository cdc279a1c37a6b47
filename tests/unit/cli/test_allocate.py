"""The command line from gifts to a result: for people, for programs, and drawn."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from abonde.cli import main
from abonde.engines.files.pabulib import read_election
from abonde.matching import PRESETS, Cents, Mechanism, Pot, allocate, tally_gifts

BALLOTS = Path(__file__).parents[4] / "shared/data/toulouse-2019.pb"
ABONDE = Path(sys.executable).parent / "abonde"

GIFTS = "person,project,cents\n" + "".join(
    f"p{person},{project},{cents}\n"
    for project, people, cents in (("mill", 30, 1000), ("oven", 10, 5000), ("shed", 3, 2000))
    for person in range(people)
)
PROJECTS = "project;name;challenge;place;need\nmill;Le Moulin;water;north;900\noven;Four à pain;;south;\nshed;Abri;;;\n"
POTS = """
[[pot]]
key = "general"
[pot.funders]
Region = 600
Town = "400,50"

[[pot]]
key = "north"
place = "north"
[pot.funders]
Town = 100
"""


@pytest.fixture
def round_(tmp_path: Path) -> list[str]:
    for name, text in (("gifts.csv", GIFTS), ("projects.csv", PROJECTS), ("pots.toml", POTS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [
        f"{tmp_path}/gifts.csv",
        "--projects",
        f"{tmp_path}/projects.csv",
        "--pots",
        f"{tmp_path}/pots.toml",
    ]


def shown(*arguments: str, language: str = "fr") -> str:
    result = CliRunner().invoke(main, [*arguments], env={"ABONDE_LANGUAGE": language, "COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def test_the_table_fits_and_speaks_french(round_: list[str]) -> None:
    table = shown("allocate", *round_, "--mechanism", "quadratic", "--mechanism", "heads")
    assert max(map(len, table.splitlines())) <= 80
    assert re.search(r"Le Moulin +110,05\u202f€ +110,05\u202f€", table)
    assert "ᵃ\u202fmoins de 5\u202fpersonnes" in table.replace("5 personnes", "5\u202fpersonnes")
    assert "reviennent aux financeurs" in table


def test_json_holds_cents_that_add_up_and_the_hash_of_the_rules(round_: list[str]) -> None:
    result = json.loads(shown("allocate", *round_, "--format", "json"))
    (allocation,) = result["allocations"]
    assert result["fund_cents"] == 110_050
    assert result["received_cents"] == 86_000
    assert allocation["added_cents"] + allocation["unspent_cents"] == 110_050
    assert sum(project["added_cents"] for project in allocation["projects"]) == allocation["added_cents"]
    canonical = json.dumps(allocation["rules"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert allocation["rules_sha256"] == sha256(canonical.encode()).hexdigest()
    assert result == json.loads(shown("allocate", *round_, "--format", "json", language="en"))


def test_csv_says_the_same_as_json(round_: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(shown("allocate", *round_, "--format", "csv"))))
    (allocation,) = json.loads(shown("allocate", *round_, "--format", "json"))["allocations"]
    assert {row["project"]: int(row["quadratic_added_cents"]) for row in rows} == {
        project["project"]: project["added_cents"] for project in allocation["projects"]
    }
    assert rows[-1]["quadratic_limits"] == "min_supporters"


@pytest.mark.parametrize("mechanism", Mechanism)
def test_an_explanation_leads_from_gifts_to_the_result(round_: list[str], mechanism: Mechanism) -> None:
    told = shown("allocate", *round_, "--mechanism", str(mechanism), "--explain", "mill", "--statements")
    assert "Le Moulin (mill)" in told
    assert told.count("ajoutés par le fonds") == 2
    assert re.search(r"50\u202f€  .*ici", told)
    assert "Region, enveloppe general" in told


def test_the_same_cents_with_semicolons_and_a_byte_order_mark(round_: list[str], tmp_path: Path) -> None:
    before = shown("allocate", *round_, "--format", "csv")
    (tmp_path / "gifts.csv").write_bytes(
        b"\xef\xbb\xbf" + GIFTS.replace(",", ";").replace("\n", "\r\n").encode()
    )
    assert shown("allocate", *round_, "--format", "csv") == before


def test_the_chart_is_whole_and_names_everything(round_: list[str], tmp_path: Path) -> None:
    (tmp_path / "projects.csv").write_text(PROJECTS.replace("Le Moulin", "<Le Moulin> & " + "long " * 40))
    chart = tmp_path / "chart.svg"
    shown("allocate", *round_, "--mechanism", "quadratic", "--mechanism", "heads", "--chart", str(chart))
    svg = ET.fromstring(chart.read_text(encoding="utf-8"))
    space = {"s": "http://www.w3.org/2000/svg"}
    assert svg.get("role") == "img"
    assert svg.findtext("s:title", namespaces=space) == "Ce que reçoivent les projets"
    assert "860\u202f€ de dons à 3 projets" in str(svg.findtext("s:desc", namespaces=space))
    texts = [str(text.text) for text in svg.iterfind(".//s:text", space)]
    assert max(map(len, texts)) <= 60
    assert "Four à pain" in texts
    assert any(text.endswith("…") for text in texts)
    assert len(svg.findall(".//s:rect[@class='received']", space)) == 4  # one of them in the legend
    titles = [str(title.text) for title in svg.iterfind(".//s:g/s:title", space)]
    assert any("long " * 40 in title.replace(":", " ") for title in titles)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_of_the_chart_stands_out_in_light_and_in_dark(round_: list[str], tmp_path: Path) -> None:
    shown("allocate", *round_, "--chart", f"{tmp_path}/chart.svg")
    themes = re.findall(
        r"svg\.round \{ (--[^}]*?#[^}]*?)(?:background|\})", (tmp_path / "chart.svg").read_text()
    )
    assert len(themes) == 2
    for theme in themes:
        colours = dict(re.findall(r"--(\w+): (#\w{6})", theme))
        for name, least in (("received", 3), ("added", 3), ("limit", 4.5), ("ink", 7), ("soft", 4.5)):
            assert contrast(colours[name], colours["paper"]) >= least, name


@pytest.mark.skipif(not BALLOTS.exists(), reason="the ballots of Toulouse are not there")
def test_the_ballots_of_a_city_become_gifts_and_are_shared_out() -> None:
    result = json.loads(
        shown("allocate", str(BALLOTS), "--pot", "100000", "--point-value", "5", "--format", "json")
    )
    election = read_election(BALLOTS)
    rules = PRESETS["guarded"]
    expected = allocate(
        projects=election.projects.values(),
        tally=tally_gifts(election.gifts(Cents(500)), rules),
        pots=[Pot(key="pot", funders={"pot": Cents(10_000_000)})],
        rules=rules,
    )
    added = {row["project"]: row["added_cents"] for row in result["allocations"][0]["projects"]}
    assert len(election.ballots) == 1494
    assert added == expected.matching
    assert len(result["official"]) == 14
    assert sum(election.projects[key].need or 0 for key in result["official"]) == 100_000_000


@pytest.mark.parametrize("command", ["allocate", "example", "generate"])
def test_every_command_explains_itself_in_both_languages(command: str) -> None:
    assert shown(command, "--help", language="fr").startswith("Utilisation")
    assert shown(command, "--help", language="en").startswith("Usage")


def test_the_help_needs_nothing_heavy() -> None:
    script = (
        "import sys, abonde.cli; print(*({'numpy', 'rich', 'duckdb', 'pyarrow', 'numba'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
        == "\n"
    )


def test_a_broken_pipe_is_quiet(round_: list[str]) -> None:
    with subprocess.Popen(
        [ABONDE, "allocate", *round_], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""


def test_an_interruption_ends_with_130_and_leaves_no_file(tmp_path: Path) -> None:
    target = tmp_path / "gifts.csv"
    with subprocess.Popen(
        [ABONDE, "generate", "--gifts", "20000000", "--projects", "9", target],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while process.poll() is None and sum(file.stat().st_size for file in tmp_path.iterdir()) < 1_000_000:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        assert process.stderr
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_invents_the_same_round(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        shown("generate", "--gifts", "5000", "--projects", "20", "--seed", "7", f"{tmp_path}/{name}")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.csv").read_text().count("\n") == 5001


def test_the_example_shows_explains_and_draws(tmp_path: Path) -> None:
    chart = tmp_path / "example.svg"
    told = shown("example", "--output", str(chart))
    assert all(
        word in told for word in ("quadratique", "par paires", "Une personne de plus", "rendu", str(chart))
    )
    table = told.partition("\nTotal")[0].splitlines()
    assert max(map(len, table[3:])) <= 80
    assert ET.fromstring(chart.read_text(encoding="utf-8")).get("lang") == "fr"


def test_a_preset_serves_as_rules(tmp_path: Path) -> None:
    gifts = tmp_path / "gifts.csv"
    gifts.write_text("person,project,cents\na,mill,100\nb,mill,100\n", encoding="utf-8")
    unspent = {
        name: json.loads(shown("allocate", str(gifts), "--pot", "50", "--rules", name, "--format", "json"))[
            "allocations"
        ][0]["unspent_cents"]
        for name in PRESETS
    }
    assert unspent == {"plain": 0, "guarded": 5000}
