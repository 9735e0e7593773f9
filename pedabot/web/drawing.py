"""Drawings made on the server: QR codes."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_code(address: str) -> Markup:
    """Return the address as an inline SVG drawing, without any inline style."""
    drawing = segno.make(address, error="m").svg_inline(
        scale=5, border=2, svgclass="qr-code", lineclass=None, omitsize=True
    )
    return Markup(drawing)  # noqa: S704 - segno draws only its own shapes
