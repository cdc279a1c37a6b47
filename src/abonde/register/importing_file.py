"""The file of an import: kept in sealed pieces while it is needed, read back as a stream, never lying anywhere in clear."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Final

from abonde.core.sealing import seal, unseal
from abonde.register.models import Import, Piece

PIECE: Final = 1024 * 1024
"""Bytes of a file that are sealed together."""
LARGEST_FILE: Final = 200 * 1024 * 1024
"""Bytes; half a million rows with their addresses."""
PIECES_AT_ONCE: Final = 16


def sealed_piece(content: bytes) -> bytes:
    """A part of a file as it is kept."""
    return seal(zlib.compress(content, 1))


def sealed_pieces(file: IO[bytes]) -> Iterator[bytes]:
    """All parts of a file as they are kept."""
    while content := file.read(PIECE):
        yield sealed_piece(content)


def keep(of: Import, pieces: Iterable[bytes]) -> None:
    """Write sealed pieces down as the file of an import."""
    rows = (Piece(of=of, position=position, sealed=sealed) for position, sealed in enumerate(pieces))
    while some := [row for _number, row in zip(range(PIECES_AT_ONCE), rows, strict=False)]:
        Piece.objects.bulk_create(some)


def opened(of: Import) -> IO[bytes]:
    """The file of an import from its beginning; one piece at a time is in memory."""
    positions = range(Piece.objects.filter(of=of).count())
    return _reading(
        unseal(bytes(Piece.objects.values_list("sealed", flat=True).get(of=of, position=position)))
        for position in positions
    )


def opened_pieces(pieces: Iterable[bytes]) -> IO[bytes]:
    """The file that sealed pieces make."""
    return _reading(unseal(piece) for piece in pieces)


def forget(of: Import) -> None:
    """Take the file of an import away."""
    Piece.objects.filter(of=of).delete()


def _reading(compressed: Iterator[bytes]) -> IO[bytes]:
    return io.BufferedReader(_Pieces(zlib.decompress(one) for one in compressed), PIECE)


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer, says typeshed
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        length = min(len(buffer), len(self._rest))
        buffer[:length] = self._rest[:length]
        self._rest = self._rest[length:]
        return length
