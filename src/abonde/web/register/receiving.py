"""A register's file on its way in: sealed piece by piece as it arrives, so that no name lies anywhere in clear."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from abonde.register.importing_file import LARGEST_FILE, PIECE, sealed_piece


class SealedFile(UploadedFile):  # type: ignore[type-arg]  # generic for type checkers only
    """What came in: its name, its size in bytes, and its sealed `pieces`; of a file too large, not all of them."""

    def __init__(self, pieces: list[bytes], name: str, size: int) -> None:
        super().__init__(io.BytesIO(), name=name, size=size)
        self.pieces = pieces


class Sealing(FileUploadHandler):
    """Takes a file before Django's own handlers would write it into a temporary folder."""

    chunk_size = PIECE

    def new_file(self, *args: Any, **named: Any) -> None:  # noqa: ANN401  (what Django hands over)
        super().new_file(*args, **named)
        self.pieces: list[bytes] = []
        self.size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002
        self.size += len(raw_data)
        if self.size <= LARGEST_FILE:
            self.pieces.append(sealed_piece(raw_data))

    def file_complete(self, file_size: int) -> SealedFile:
        return SealedFile(self.pieces, self.file_name or "", file_size)
