"""Files of a conversation, to be taken away as they came."""

from __future__ import annotations

from flask import Blueprint, Response

from pedabot.web.access import readable_attachment, signed_in

bp = Blueprint("attachments", __name__, url_prefix="/attachments")


@bp.get("/<slug>")
@signed_in
def download(slug: str) -> Response:
    """The whole file as plain text that no browser opens as a page."""
    attachment = readable_attachment(slug)
    response = Response(attachment.content, content_type="text/plain; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=attachment.name)
    return response
