"""Files that come with a question: taken or refused by name, in a sentence that says why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import ValidationError

from pedabot.answering.attachments.checking import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MEDIA_TYPES,
    CheckedFile,
    Refusal,
    RefusedFileError,
    check_file,
)
from pedabot.storage.attachments import Attachment
from pedabot.storage.conversations import Message
from pedabot.web.i18n import decimal, ngettext
from pedabot.web.i18n import gettext as _

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Much more than what is taken, so that a file that is too large is read and refused by its name:
the page comes back with the question. What is larger still is refused unread."""

ENDINGS = tuple(MEDIA_TYPES)


def check_files(form: FlaskForm, field: Any) -> None:
    """Take the files of a form field: its data are then what was taken.

    Raises:
        ValidationError: if there are too many, or one of them cannot be taken.
    """
    sent = [file for file in field.data or () if isinstance(file, FileStorage) and file.filename]
    try:
        if len(sent) > MAX_FILES:
            raise ValidationError(too_many())
        field.data = [_checked(file) for file in sent]
    except RefusedFileError as error:
        raise ValidationError(_sentence(error) + " " + _("Ta question est toujours là.")) from error
    finally:
        for file in sent:
            file.close()


def _checked(file: FileStorage) -> CheckedFile:
    # One byte more than is taken tells that there is more.
    return check_file(file.filename or "", file.stream.read(MAX_FILE_BYTES + 1))


def attachments_for(question: Message | None, field: Any) -> Iterator[Attachment]:
    """Yield the rows to store for the files that were taken."""
    for file in field.data or ():
        yield Attachment(
            message=question,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            content=file.content,
            readable=None if file.readable == file.content else file.readable,
        )


def size_in_words(size: int) -> str:
    """Write a size in bytes."""
    if size < 1024:
        return ngettext("%(num)s octet", "%(num)s octets", size)
    return _("%(size)s ko", size=decimal(round(size / 1024, 1)))


def limit() -> str:
    """Write how large a file may be."""
    return size_in_words(MAX_FILE_BYTES)


def too_many() -> str:
    """Return what is said of too many files."""
    return _("%(limit)s fichiers au plus : retires-en.", limit=MAX_FILES)


def refusals(name: str, detail: str = "") -> dict[Refusal, str]:
    """Return what is said of a file for each reason not to take it."""
    kinds = {
        "pdf": _("un PDF"),
        "archive": _("une archive ou un document Office"),
        "program": _("un programme"),
        "image": _("une image"),
    }
    kind = kinds.get(detail, _("un fichier binaire"))
    return {
        Refusal.TYPE: _(
            "« %(name)s » n'est pas d'un type accepté : %(endings)s.",
            name=name,
            endings=", ".join(ENDINGS),
        ),
        Refusal.SIZE: _(
            "« %(name)s » dépasse %(limit)s : garde la partie utile.", name=name, limit=limit()
        ),
        Refusal.EMPTY: _("« %(name)s » est vide.", name=name),
        Refusal.BINARY: _(
            "« %(name)s » n'est pas du texte : c'est %(kind)s.", name=name, kind=kind
        ),
        Refusal.ENCODING: _(
            "« %(name)s » ne se lit pas comme du texte : enregistre-le en UTF-8.", name=name
        ),
        Refusal.JSON: _(
            "« %(name)s » n'est pas du JSON valide (ligne %(line)s).", name=name, line=detail
        ),
        Refusal.NESTING: _("« %(name)s » est imbriqué trop profondément.", name=name),
        Refusal.NOTEBOOK: _(
            "« %(name)s » n'est pas un carnet Jupyter récent (format 4) :"
            " ouvre-le et enregistre-le à nouveau.",
            name=name,
        ),
        Refusal.CSV: _(
            "« %(name)s » n'est pas un tableau CSV : ses lignes n'ont pas le même nombre de cases.",
            name=name,
        ),
    }


def _sentence(error: RefusedFileError) -> str:
    return refusals(error.name, error.detail)[error.refusal]
