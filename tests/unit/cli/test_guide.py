"""The guide of the command line shows what really works."""

from __future__ import annotations

import re
from pathlib import Path

import click
from click.testing import CliRunner

from abonde.cli import main

GUIDE = (Path(__file__).parents[3] / "docs/guides/command-line.md").read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def test_the_files_of_the_guide_make_a_round(tmp_path: Path) -> None:
    gifts, projects, groups = examples("csv")
    rules, pots = examples("toml")
    for name, text in (
        *(("gifts.csv", gifts), ("projects.csv", projects), ("groups.csv", groups)),
        *(("rules.toml", rules), ("pots.toml", pots)),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [
        f"--{name.partition('.')[0]}={tmp_path / name}"
        for name in ("projects.csv", "groups.csv", "rules.toml")
    ]
    result = CliRunner().invoke(
        main,
        ["allocate", f"{tmp_path}/gifts.csv", *files, f"--pots={tmp_path}/pots.toml", "--mechanism=cluster"],
        env={"ABONDE_LANGUAGE": "en"},
    )
    assert result.exit_code == 0, result.output
    assert "The old mill" in result.stdout


def test_the_commands_and_options_of_the_guide_exist() -> None:
    assert set(re.findall(r"^\| `abonde (\w+)", GUIDE, re.MULTILINE)) == set(main.commands)
    options = {
        name
        for command in (main, *main.commands.values())
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", GUIDE)) - {"--help"} <= options
