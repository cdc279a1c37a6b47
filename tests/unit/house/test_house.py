"""What review forgets: the papers of the house agree with the house."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]
LOCKS = sorted((HOUSE / "requirements").glob("*.txt"))
DECISIONS = sorted((HOUSE / "docs/decisions").glob("[0-9]*.md"))


def written(path: str) -> str:
    return (HOUSE / path).read_text(encoding="utf-8")


def pins(lock: Path) -> list[str]:
    """The requirements of a lock, one per line."""
    lines = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_there_is_a_lock_to_build_to_run_and_to_develop() -> None:
    assert [lock.stem for lock in LOCKS] == ["build", "dev", "run", "server"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_is_pinned_by_hash(lock: Path) -> None:
    loose = [pin for pin in pins(lock) if not re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin)]
    assert pins(lock)
    assert not loose


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_no_lock_names_an_address(lock: Path) -> None:
    assert not re.search(r"//|@|^-|file:|/\w+/", lock.read_text(encoding="utf-8"), re.MULTILINE)


def test_developers_run_the_versions_that_users_run() -> None:
    build, dev, run, server = map(set, map(pins, LOCKS))
    assert run <= server
    assert build | server <= dev


def test_make_help_documents_every_target() -> None:
    make = shutil.which("make")
    assert make
    shown = subprocess.run([make, "-C", HOUSE, "help"], capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^([a-z]+):", written("Makefile"), re.MULTILINE)
    assert targets
    assert re.findall(r"make (\w+) +\S", shown) == targets


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.stem[:4])
def test_every_decision_is_listed_with_its_title_and_status(decision: Path) -> None:
    number = decision.stem[:4]
    title, status = re.match(r"# \d{4}\. (.+)\n\nStatus: (.+)\n", decision.read_text("utf-8")).groups()  # type: ignore[union-attr]
    assert f"| [{number}]({decision.name}) | {title} | {status} |" in written("docs/decisions/README.md")


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(decision.stem[:4]) for decision in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_the_changelog_has_room_for_the_next_change() -> None:
    assert re.search(r"^## \[Unreleased\]$", written("CHANGELOG.md"), re.MULTILINE)


def test_the_readme_opens_with_the_two_commands() -> None:
    opening = written("README.md").partition("\n## ")[0]
    assert re.findall(r"^make (\w+)", opening, re.MULTILINE) == ["demo", "test"]


@pytest.mark.parametrize(
    "page", sorted(HOUSE.glob("*.md")) + sorted(HOUSE.glob("docs/**/*.md")), ids=lambda p: p.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)[^):]*\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
