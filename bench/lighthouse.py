"""What Lighthouse says of the pages that citizens open most, as the table of docs/design/pages.md.

python -m bench.lighthouse http://127.0.0.1:8000 [--round SLUG] [--times 3] [--write]

Looks at a running demonstration as a phone with a slow line would (Lighthouse's own default) and takes the median of each score.
Needs Node.js and Chromium; CHROME_PATH says where a browser of another name is.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from bench.machine import describe_machine
from bench.report import table, write_section

PAGES: Final = Path("docs/design/pages.md")
TITLE: Final = "What Lighthouse says"
LIGHTHOUSE: Final = "npx --yes lighthouse@12.8.2"
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
LEAST: Final = 95
MOST_KILOBYTES: Final = 60
IN_THE_BASKET: Final = 3
HEADER: Final = ("page", *CATEGORIES, "kB without images", "layout shift")

TEXT: Final = """A phone on a slow line, as Lighthouse imitates it by default, against the demonstration; median of {times}. Promised are {least} in
each category, {kilobytes} kB (1000 bytes, headers included; photographs, icons and the mark are images) and no layout shift. `python -m bench.lighthouse ADDRESS --write` writes this section anew.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one run says: the scores of the categories (of 100), bytes that are no pictures, and the layout shift."""

    scores: tuple[int, ...]
    weight: int
    shift: float


def main() -> None:
    """Look at each page and print the table; 1 where something is not as promised."""
    options = argparse.ArgumentParser(prog="python -m bench.lighthouse", description="Lighthouse on a demo.")
    options.add_argument("address", help="where the demonstration answers")
    options.add_argument(
        "--round", default="", help="the round open for gifts; without it, the largest found"
    )
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--lighthouse", default=LIGHTHOUSE, help=f"the command; {LIGHTHOUSE} without it")
    options.add_argument("--write", action="store_true", help=f"write the section in {PAGES} too")
    chosen = options.parse_args()
    rows, kept = [], True
    with httpx.Client(
        base_url=chosen.address, follow_redirects=True, headers={"Accept-Language": "fr"}
    ) as visitor:
        for name, path in pages(visitor, chosen.round):
            looks = [_look(chosen.lighthouse.split(), visitor, path) for _ in range(chosen.times)]
            rows.append((name, *_written(looks)))
            kept &= _is_kept(looks)
            sys.stderr.write(" | ".join(rows[-1]) + "\n")
    text = TEXT.format(times=chosen.times, least=LEAST, kilobytes=MOST_KILOBYTES)
    text = f"{text}\n{table(HEADER, rows)}\nMeasured on: {describe_machine()}."
    sys.stdout.write(text + "\n")
    if chosen.write:
        write_section(TITLE, text, PAGES)
    sys.exit(0 if kept else 1)


def pages(visitor: httpx.Client, slug: str) -> Iterator[tuple[str, str]]:
    """Each page by its name; the basket is filled on the way there."""
    rounds = list(dict.fromkeys(re.findall(r'href="/campagnes/([\w-]+)/"', _page(visitor, "/campagnes/"))))
    slug = slug or max(rounds, key=lambda one: len(_open_projects(visitor, one)))
    projects = _open_projects(visitor, slug)
    own = f"/campagnes/{slug}/"
    yield "home", "/"
    yield "round", own
    yield "project", f"{own}projets/{projects[0]}/"
    for project in projects[:IN_THE_BASKET]:
        proof = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"], "amount": "10"}
        visitor.post(f"{own}panier/{project}/", data=proof, headers={"Referer": str(visitor.base_url)})
    yield "basket", f"{own}panier/"
    results = (f"/campagnes/{one}/resultats/" for one in rounds)
    yield "results", next(path for path in results if 'class="ranking"' in _page(visitor, path))
    yield "simulator", "/simulateur/"


def _look(command: Sequence[str], visitor: httpx.Client, path: str) -> Look:
    """A browser that does not come up is started once more."""
    try:
        return look(command, visitor, path)
    except subprocess.CalledProcessError:
        return look(command, visitor, path)


def look(command: Sequence[str], visitor: httpx.Client, path: str) -> Look:
    """One run of Lighthouse with the visitor's cookies."""
    with tempfile.NamedTemporaryFile(suffix=".json") as cookies:
        held = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        cookies.write(json.dumps({"Cookie": held, "Accept-Language": "fr"}).encode())
        cookies.flush()
        told = subprocess.run(
            [
                *command,
                str(visitor.base_url.join(path)),
                "--quiet",
                "--output=json",
                f"--extra-headers={cookies.name}",
                "--chrome-flags=--headless=new --no-sandbox",
                f"--only-categories={','.join(CATEGORIES)}",
            ],
            stdout=subprocess.PIPE,
            check=True,
        )
    return _read(json.loads(told.stdout))


def _read(report: dict[str, Any]) -> Look:
    audits = report["audits"]
    sent = audits["network-requests"]["details"]["items"]
    return Look(
        scores=tuple(round(100 * (report["categories"][one]["score"] or 0)) for one in CATEGORIES),
        weight=sum(one["transferSize"] for one in sent if not one["mimeType"].startswith("image/")),
        shift=audits["cumulative-layout-shift"]["numericValue"],
    )


def _open_projects(visitor: httpx.Client, slug: str) -> list[str]:
    """The projects that the page of a round shows; none where it takes no gifts."""
    text = _page(visitor, f"/campagnes/{slug}/")
    if f'href="/campagnes/{slug}/panier/"' not in text:
        return []
    return list(
        dict.fromkeys(re.findall(rf'card__title"><a href="/campagnes/{slug}/projets/([\w-]+)/"', text))
    )


def _page(visitor: httpx.Client, path: str) -> str:
    return visitor.get(path).raise_for_status().text


def _middle(looks: Sequence[Look]) -> Look:
    scores = zip(*(one.scores for one in looks), strict=True)
    return Look(
        scores=tuple(round(statistics.median(of_one)) for of_one in scores),
        weight=max(one.weight for one in looks),
        shift=max(one.shift for one in looks),
    )


def _written(looks: Sequence[Look]) -> tuple[str, ...]:
    middle = _middle(looks)
    return (*map(str, middle.scores), f"{middle.weight / 1000:.1f}", f"{middle.shift:.3f}")


def _is_kept(looks: Sequence[Look]) -> bool:
    middle = _middle(looks)
    return (
        min(middle.scores) >= LEAST and middle.weight <= MOST_KILOBYTES * 1000 and round(middle.shift, 3) == 0
    )


if __name__ == "__main__":
    main()
