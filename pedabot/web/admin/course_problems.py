"""What is said of a file that is no course, in words that tell what to do."""

from __future__ import annotations

import json

from pedabot.knowledge.document import MAX_DOCUMENT_BYTES, InvalidDocumentError
from pedabot.web.i18n import gettext as _

# The first bytes of what people send by mistake; a name ending in .json proves nothing.
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"\x1f\x8b")


def no_file() -> str:
    """Say that no file was chosen."""
    return _("Choisissez d'abord un fichier.")


def explain(raw: bytes, error: InvalidDocumentError) -> tuple[str, int]:
    """Return why a file was refused, and the status of the response."""
    if len(raw) > MAX_DOCUMENT_BYTES:
        return too_large(MAX_DOCUMENT_BYTES), 413
    if not raw.strip():
        return _("Ce fichier est vide. Choisissez celui que vous avez exporté ou écrit."), 422
    return _explain_content(raw, error), 422


def too_large(limit: int) -> str:
    """Say how large a file may be."""
    return _(
        "Ce fichier est trop grand : la limite est de %(limit)s Mo. Un cours n'a pas besoin"
        " d'images ; vérifiez que c'est le bon fichier.",
        limit=limit // (1024 * 1024),
    )


def _explain_content(raw: bytes, error: InvalidDocumentError) -> str:
    if raw.startswith(_SIGNATURES) or b"\0" in raw[:4096]:
        return _(
            "Ce fichier n'est pas un texte JSON, malgré son nom peut-être : c'est une image, une"
            " archive ou un autre document. Choisissez un fichier exporté d'ici."
        )
    if isinstance(error.__cause__, UnicodeDecodeError):
        return _("Ce fichier n'est pas en UTF-8 : enregistrez-le de nouveau avec ce codage.")
    if isinstance(error.__cause__, json.JSONDecodeError):
        if error.__cause__.pos >= len(error.__cause__.doc.rstrip()):
            return _(
                "Ce fichier s'arrête avant la fin : il a sans doute été coupé. Copiez-le ou"
                " exportez-le de nouveau."
            )
        return _("Ce fichier n'est pas du JSON correct ; voici où la lecture s'est arrêtée.")
    return _("Ce fichier est bien du JSON, mais pas un cours. Voici chaque endroit à corriger.")
