"""The Jinja environment of the prompts and of the offline answers."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

_FOLDER = Path(__file__).parent / "prompts"
# The output is markdown for a model or for the sanitiser, never HTML: no escaping here.
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701
    trim_blocks=True,
    lstrip_blocks=True,
)


def template(name: str) -> Template:
    """Return a template of ``answering/prompts`` by its file name."""
    return _ENVIRONMENT.get_template(name)


@cache
def template_hash(*names: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of the sources of templates."""
    sources = b"".join((_FOLDER / name).read_bytes() for name in names)
    return sha256(sources).hexdigest()[:16]
