"""Static files: addresses that bear the hash of their content, cached for ever and compressed."""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

WORTH_IT = 1000
"""Bytes; what is smaller goes in one packet anyway."""
TEXTS = ("text/", "application/javascript", "image/svg+xml")
"""Fonts and pictures are compressed already."""


def init_app(app: Flask) -> None:
    """Add ``v=`` to the address of every static file, and compress those that are texts.

    Each is compressed once and kept; all together are some 200 kB.
    """
    folder = Path(app.static_folder or "")

    @cache
    def version(filename: str) -> str:
        path = folder / filename
        return sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""

    @cache
    def compressed(filename: str, _etag: str | None) -> bytes:
        return gzip.compress((folder / filename).read_bytes(), mtime=0)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values.setdefault("v", version(values["filename"]))

    @app.after_request
    def compress(response: Response) -> Response:
        if request.endpoint != "static" or request.view_args is None:
            return response
        response.vary.add("Accept-Encoding")
        if _is_worth_it(response):
            etag = response.get_etag()[0]
            response.close()  # the file that would have been sent
            response.direct_passthrough = False
            response.set_data(compressed(request.view_args["filename"], etag))
            response.content_encoding = "gzip"
            # The file in another form: what a browser has of either is not sent again.
            response.set_etag(etag or "", weak=True)
        return response


def _is_worth_it(response: Response) -> bool:
    return (
        response.status_code == 200
        and request.method == "GET"
        and (response.mimetype or "").startswith(TEXTS)
        and (response.content_length or 0) >= WORTH_IT
        and request.accept_encodings["gzip"] > 0
    )
