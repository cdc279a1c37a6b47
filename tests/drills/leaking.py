"""Looking for words where they must not be: in every column of every table, and in every file of a folder."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import connection

OVERLAP = 1024
CHUNK = 64 * 1024 * 1024


def written(word: str) -> set[bytes]:
    """How the word may stand in a file, lower case: as text in several encodings, or as base64 at each of its three beginnings."""
    found = {word.lower().encode(encoding) for encoding in ("utf-8", "cp1252", "utf-16-le", "utf-16-be")}
    for text in {word, word.lower(), word.upper()}:
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + text.encode())
            found.add(coded[4 if shift else 0 : -4].lower())  # what its neighbours do not change
    return found


def in_tables(words: Iterable[str]) -> Iterator[str]:
    """The tables in which a word stands, readable or as bytes."""
    patterns = [f"%{word.lower()}%" for word in words]
    patterns += [f"%{one.encode().hex()}%" for word in words for one in (word, word.lower(), word.upper())]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT FROM {name} t WHERE lower(t::text) LIKE ANY(%s) LIMIT 1", [patterns])
            if cursor.rowcount:
                yield table


def in_files(words: Iterable[str], folder: Path) -> Iterator[str]:
    """The files below the folder in which a word stands."""
    needles = set().union(*map(written, words))
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and _has(path, needles):
            yield str(path)


def _has(path: Path, needles: set[bytes]) -> bool:
    try:
        with path.open("rb") as file:
            rest = b""
            while chunk := file.read(CHUNK):
                content = rest + chunk.lower()
                if any(needle in content for needle in needles):
                    return True
                rest = content[-OVERLAP:]
    except FileNotFoundError:  # the server took it away meanwhile
        return False
    return False
