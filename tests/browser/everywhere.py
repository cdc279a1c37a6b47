"""Every page of the platform, and who opens it: the addresses of the matrix of privileges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.transaction import atomic, set_rollback
from django.test import Client

from tests.browser.visit import Visit
from tests.web.privileges import ANONYMOUS, World, addresses, addresses_of

OPENERS: Final[dict[str, tuple[str, ...]]] = {
    "": (ANONYMOUS, "giver", "holder", "host manager without second factor"),
    "host": ("host manager", "host treasurer", "host reviewer"),
    "certifier": ("certifier manager", "certifier registrar"),
    "funder": ("funder manager",),
}
"""Who tries the pages of an organisation, or those of nobody: the first to be let in is looked at."""

ALSO_AS_A_CITIZEN: Final = frozenset({"home", "round", "project", "basket", "results", "rounds"})


def pages(world: World) -> Iterator[Visit]:
    """Each address that answers somebody with a page: once, and the heart of the site as a citizen too."""
    for pattern in addresses():
        for kind, path in addresses_of(world, pattern):
            name = str(pattern.name)
            who = next((one for one in OPENERS[kind] if _is_page(world.client(one), path)), None)
            if who is None:
                continue
            yield Visit(name, path, world.people.get(who), who)
            if who == ANONYMOUS and name in ALSO_AS_A_CITIZEN:
                yield Visit(name, path, world.people["giver"], "giver")


def _is_page(client: Client, path: str) -> bool:
    with atomic():
        answer = client.get(path)
        set_rollback(True)
    return answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
