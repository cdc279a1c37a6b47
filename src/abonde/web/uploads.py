"""Files as they come in: what is larger than any page takes is not kept, and the rest of the form is."""

from __future__ import annotations

from django.core.files.uploadhandler import FileUploadHandler

from abonde.projects.files import LARGEST_FILE


class Limited(FileUploadHandler):
    """Lets each file through up to one chunk beyond the largest size, by which the domain sees that it is too large.

    The rest is read from the network and forgotten: the person gets a sentence rather than a broken connection, and a
    file of any size fills neither memory nor disk.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= LARGEST_FILE else None

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002  the next handler makes the file
        return None
