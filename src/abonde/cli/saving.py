"""Files that are either written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from abonde.matching import Refusal


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` to write to, which takes its place at the end unless something goes wrong."""
    if path.is_dir():
        raise Refusal("{file} is a folder; name a file to write to.", file=path)
    if not path.parent.is_dir():
        raise Refusal("There is no folder {folder}; create it first.", folder=path.parent)
    temporary = path.with_name(f".{path.stem}.{token_hex(4)}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def save(path: Path, text: str) -> None:
    """Write a text as UTF-8, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
