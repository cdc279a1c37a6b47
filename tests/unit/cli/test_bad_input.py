"""Whatever is put in, a person gets sentences that say where and what to do: never a traceback, never half a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from abonde.cli import main
from abonde.simulation.rounds import MOST_GIFTS

GIFTS = "person,project,cents\nana,mill,1000\nben,mill,2000\n"
PB = """META
key;value
vote_type;cumulative
budget;100
max_points;3
max_sum_points;4
num_votes;2
PROJECTS
project_id;cost;name
1;60;Mill
2;50;"Oven; bread"
VOTES
voter_id;vote;points
a;1,2;3,1
b;2;2
"""


def run(*arguments: str, language: str = "en") -> Result:
    return CliRunner().invoke(main, [*arguments], env={"ABONDE_LANGUAGE": language, "COLUMNS": "80"})


def refused(folder: Path, *arguments: str) -> list[str]:
    """The sentences of a run that must end with exit code 2, without output and without a file left."""
    before = sorted(folder.rglob("*"))
    result = run(*arguments, "--output", str(folder / "out.txt"), "--chart", str(folder / "out.svg"))
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.output
    assert sorted(folder.rglob("*")) == before
    french = run(*arguments, language="fr")
    assert french.exit_code == 2
    assert french.stderr != result.stderr
    return [line.replace(f"{folder}/", "") for line in result.stderr.splitlines()]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "gifts.csv has no first line"),
        ("person,project\na,b\n", "gifts.csv: no column cents"),
        ("person,project,cents,cents\na,b,1,1\n", "gifts.csv: columns cents, cents"),
        ("person,project,cents\n", "gifts.csv holds no gift"),
        ("person,project,cents\na,b,-5\n", "gifts.csv, line 2, column cents: -5 is negative"),
        ("person,project,cents\na,b,0\n", "gifts.csv, line 2, column cents: a gift of 0"),
        ("person,project,cents\na,b,12.5\n", "gifts.csv, line 2, column cents: 12.5 is not a whole"),
        ("person,project,cents\na,b,ten\n", "gifts.csv, line 2, column cents: 'ten' is not"),
        ("person,project,cents\na,b,1000000000000000\n", "gifts.csv, line 2, column cents: 1000000000000000"),
        ("person,project,cents\na,b,5\na,b", "gifts.csv, line 3: the file ends in the middle"),
        ('person,project,cents\na,"b,5\n', "gifts.csv, line 2: a quote opens here"),
        (b"person,project,cents\n\xe9,b,5\n", "gifts.csv, line 2: byte 0xE9"),
        (b"PAR1 and no more", "gifts.csv is not a whole Parquet file"),
    ],
)
def test_a_bad_file_of_gifts_is_named_with_its_place(tmp_path: Path, content: str | bytes, said: str) -> None:
    gifts = tmp_path / "gifts.csv"
    gifts.write_bytes(content.encode() if isinstance(content, str) else content)
    sentences = refused(tmp_path, "allocate", str(gifts), "--pot", "100")
    assert len(sentences) == 1
    assert sentences[0].startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('max_share = "10 %', "rules.toml, line 1: the file ends in the middle of an entry"),
        ("max_share = 0.1\nmin_supporters = 5 5", "rules.toml, line 2, column 20: not TOML"),
        ("max_shaer = 0.1", "rules.toml: key 'max_shaer' is not known; did you mean 'max_share'?"),
        ("max_share = 1.5", "rules.toml: max_share: 3/2 is not a share"),
        (
            "count_from = 60\nsteps = [50, 100]",
            "rules.toml: count_from (60.00 €) is above count_up_to (50.00 €)",
        ),
        ('preset = "gaurded"', "rules.toml: preset 'gaurded' is not known; did you mean 'guarded'?"),
        (b"# r\xe8gle", "rules.toml, line 1: not UTF-8"),
    ],
)
def test_bad_rules_are_named_with_their_key(tmp_path: Path, content: str | bytes, said: str) -> None:
    (tmp_path / "gifts.csv").write_text(GIFTS)
    (tmp_path / "rules.toml").write_bytes(content.encode() if isinstance(content, str) else content)
    sentences = refused(
        tmp_path, "allocate", f"{tmp_path}/gifts.csv", "--pot", "100", "--rules", f"{tmp_path}/rules.toml"
    )
    assert sentences[0].startswith(said)


@pytest.mark.parametrize(
    ("pot", "said"),
    [
        ("-5", "--pot -5: -5 is not an amount in euros"),
        ("town=", "--pot town=:  is not an amount"),
        ("=5", "--pot =5: write a name before the ="),
        ("town=0", "--pot town=0: 0 € leaves nothing to share out; write an amount above 0."),
        ("5@where=north", "--pot 5@where=north: 'where=north' is not an earmark"),
        ("5@place=nowhere", "Pot pot is earmarked for the place 'nowhere', which no project has"),
    ],
)
def test_a_bad_pot_is_named(tmp_path: Path, pot: str, said: str) -> None:
    (tmp_path / "gifts.csv").write_text(GIFTS)
    assert refused(tmp_path, "allocate", f"{tmp_path}/gifts.csv", f"--pot={pot}")[0].startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "project,name\nmill,M\nmill,N\n",
            "projects.csv, line 3, column project: 'mill' is empty or there twice",
        ),
        ("project,need\nmill,much\n", "projects.csv, line 2, column need: much is not an amount"),
        ("project,nmae\nmill,M\n", "projects.csv, line 1: column 'nmae' is not known"),
        ("name\nMill\n", "projects.csv, line 1: no column project"),
        ("project,name\nmill\n", "projects.csv, line 2: 1 fields where the first line has 2"),
        (
            "project\noven\n",
            "gifts.csv: project 'mill' has received gifts but is not in the file of projects",
        ),
    ],
)
def test_a_bad_file_of_projects_is_named_with_its_place(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "gifts.csv").write_text(GIFTS)
    (tmp_path / "projects.csv").write_text(content)
    sentences = refused(
        tmp_path, "allocate", f"{tmp_path}/gifts.csv", "--pot", "9", "--projects", f"{tmp_path}/projects.csv"
    )
    assert sentences[0].startswith(said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("META\n", "", "b.pb, line 1: a Pabulib file begins with a line META"),
        ("cumulative", "ordinal", "b.pb, line 3, column value: ballots of type ordinal are ranks or grades"),
        ("num_votes;2", "num_votes;3", "b.pb, line 7, column value: num_votes is 3, and there are 2"),
        ("1;60;Mill", "1;dear;Mill", "b.pb, line 10, column cost: 'dear' cannot be used"),
        ("1;60;Mill", "1;60", "b.pb, line 10: 2 fields where PROJECTS has 3 columns"),
        ("a;1,2;3,1", "a;1,9;3,1", "b.pb, line 14, column vote: project '9' is not in the section PROJECTS"),
        ("a;1,2;3,1", "a;1,2;3", "b.pb, line 14, column points: 1 numbers of points for 2 projects"),
        ("a;1,2;3,1", "a;1,2;4,0", "b.pb, line 14, column points: 4 points for one project; at most 3"),
        ("a;1,2;3,1", "a;1,2;3,3", "b.pb, line 14, column points: 6 points in all; at most 4"),
        ("a;1,2;3,1", "a;1,2;3,x", "b.pb, line 14, column points: 'x' is not a whole number of points"),
        ("b;2;2", "a;2;2", "b.pb, line 15, column voter_id: 'a' is empty or there twice"),
        ("VOTES\n", "", "b.pb, line 12: 2 fields"),
    ],
)
def test_a_bad_ballot_is_named_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    (tmp_path / "b.pb").write_text(PB.replace(old, new))
    if old == "VOTES\n":
        (tmp_path / "b.pb").write_text(PB.partition("VOTES")[0])
        said = "b.pb has no section VOTES"
    assert refused(tmp_path, "allocate", f"{tmp_path}/b.pb", "--pot", "100")[0].startswith(said)


def test_all_problems_are_told_in_one_go_up_to_twenty(tmp_path: Path) -> None:
    (tmp_path / "gifts.csv").write_text("person,project,cents\n" + "a,b,-1\n" * 30)
    assert len(refused(tmp_path, "allocate", f"{tmp_path}/gifts.csv", "--pot", "100")) == 20
    sentences = refused(
        tmp_path, "allocate", f"{tmp_path}/none.csv", "--pot", "x", "--pot", "y", "--point-value", "z"
    )
    assert [sentence.partition(":")[0] for sentence in sentences[:2]] == ["--pot x", "--pot y"]
    assert sentences[2].startswith("There is no file none.csv")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "gifts.csv").write_text(GIFTS)
    for output, said in ((tmp_path, "is a folder"), (tmp_path / "no/out.txt", "There is no folder")):
        result = run("allocate", f"{tmp_path}/gifts.csv", "--pot", "9", "--output", str(output))
        assert result.exit_code == 2
        assert said in result.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["gifts.csv"]


def test_good_ballots_are_not_refused(tmp_path: Path) -> None:
    (tmp_path / "b.pb").write_text(PB)
    assert run("allocate", f"{tmp_path}/b.pb", "--pot", "100").exit_code == 0


def test_more_gifts_than_can_be_scattered_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    wanted = ["generate", "--gifts", str(MOST_GIFTS + 1), "--projects", "3", f"{tmp_path}/gifts.parquet"]
    assert CliRunner().invoke(main, wanted).exit_code == 2
    assert not list(tmp_path.iterdir())
