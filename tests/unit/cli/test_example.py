"""The round that ships with Abonde: it conserves every cent, and the picture in the README is its own."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from abonde.cli import main

HOUSE = Path(__file__).parents[3]


def test_the_picture_in_the_readme_is_what_the_example_draws(tmp_path: Path) -> None:
    drawn = tmp_path / "example.svg"
    shown = CliRunner().invoke(main, ["--lang", "fr", "example", "--output", str(drawn)])
    assert shown.exit_code == 0, shown.output
    assert drawn.read_text(encoding="utf-8") == (HOUSE / "docs/images/example.svg").read_text(
        encoding="utf-8"
    )
    assert "docs/images/example.svg" in (HOUSE / "README.md").read_text(encoding="utf-8")


def test_the_example_spends_the_whole_fund_under_every_mechanism(tmp_path: Path) -> None:
    shown = CliRunner().invoke(main, ["--lang", "en", "example", "--output", str(tmp_path / "example.svg")])
    totals = next(line for line in shown.stdout.splitlines() if line.startswith("Total"))
    assert totals.split()[1:] == ["€20,000.00"] * 5
