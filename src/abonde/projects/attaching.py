"""Pictures and documents of an application."""

from __future__ import annotations

import hashlib
import secrets
from functools import partial
from typing import IO, Final

from django.core.files.base import ContentFile
from django.db.transaction import atomic, on_commit

from abonde.matching.refusal import Refusal
from abonde.people.models import Person
from abonde.projects import texts
from abonde.projects.changing import record
from abonde.projects.files import read_document, read_picture
from abonde.projects.guards import editable
from abonde.projects.models import Attachment, AttachmentKind

MOST: Final = {AttachmentKind.IMAGE: 8, AttachmentKind.DOCUMENT: 5}


@atomic
def add_attachment(
    *, person: Person, project_id: int, kind: AttachmentKind, title: str, upload: IO[bytes]
) -> Attachment:
    """Add a picture or a document to an application that is being written; the file's own name is forgotten.

    The same file, sent twice by a double click, is there once.

    Raises WrongFile, NotAllowed, NotNow, and Refusal without a title or beyond the number of files.
    """
    project = editable(person, project_id, seen=None)
    said = texts.at_most(texts.LONGEST_TITLE, texts.line(title))
    if not said:
        raise Refusal("Say in a few words what the file shows: people who cannot see it will hear this.")
    present = Attachment.objects.filter(project=project, kind=kind).count()
    if present >= MOST[kind]:
        raise Refusal("There are {number} of these already: remove one first.", number=present)
    attachment = Attachment(project=project, kind=kind, title=said)
    # The next place, and not the number of rows: one of the middle may have gone.
    attachment.position = 1 + max(project.attachments.values_list("position", flat=True), default=0)
    _fill(attachment, upload)
    if twin := project.attachments.filter(kind=kind, sha256=attachment.sha256).first():
        forget_files(attachment)
        return twin
    try:
        attachment.save()
    except BaseException:
        forget_files(attachment)
        raise
    record(
        person, "add_attachment", project, after={"attachment": attachment.pk, "sha256": attachment.sha256}
    )
    return attachment


@atomic
def remove_attachment(*, person: Person, project_id: int, attachment_id: int) -> None:
    """Remove a file from an application that is being written; removed twice is removed. Raises NotAllowed, NotNow."""
    project = editable(person, project_id, seen=None)
    attachment = Attachment.objects.filter(project=project, pk=attachment_id).first()
    if attachment is None:
        return
    attachment.delete()
    record(
        person,
        "remove_attachment",
        project,
        before={"attachment": attachment_id, "sha256": attachment.sha256},
    )
    on_commit(partial(forget_files, attachment))


@atomic
def put_picture_first(*, person: Person, project_id: int, attachment_id: int) -> None:
    """Let a picture stand for an application that is being written; the others keep their order.

    A picture that has gone meanwhile changes nothing. Raises NotAllowed, NotNow.
    """
    project = editable(person, project_id, seen=None)
    pictures = list(project.attachments.filter(kind=AttachmentKind.IMAGE))
    chosen = next((one for one in pictures if one.pk == attachment_id), None)
    if chosen is None or chosen == pictures[0]:
        return
    for position, one in enumerate([chosen, *(one for one in pictures if one != chosen)], start=1):
        one.position = position
    Attachment.objects.bulk_update(pictures, ["position"])
    record(person, "put_picture_first", project, after={"attachment": attachment_id})


def _fill(attachment: Attachment, upload: IO[bytes]) -> None:
    if attachment.kind == AttachmentKind.IMAGE:
        large, small = read_picture(upload)
        content, ending = large.content, "webp"
        attachment.width, attachment.height = large.width, large.height
        attachment.small_width, attachment.small_height = small.width, small.height
        attachment.small.save(_random_name("webp"), ContentFile(small.content), save=False)
    else:
        content, ending = read_document(upload), "pdf"
    attachment.bytes = len(content)
    attachment.sha256 = hashlib.sha256(content).hexdigest()
    attachment.file.save(_random_name(ending), ContentFile(content), save=False)


def _random_name(ending: str) -> str:
    return f"{secrets.token_hex(16)}.{ending}"


def forget_files(attachment: Attachment) -> None:
    """Delete the files of an attachment whose row is gone."""
    for file in (attachment.file, attachment.small):
        if file.name:
            file.storage.delete(file.name)
