"""The SDK's classes for checking a request, built once instead of seven times for each question.

``mistralai`` 3.7 calls pydantic's ``create_model`` whenever it checks or writes a value. Building
these classes was 4 of the 10 ms of processor that asking took. The version of the SDK is pinned,
and a test tells when it has stopped calling this.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from mistralai.client.utils import serializers
from pydantic import BaseModel, create_model

_build = create_model


@lru_cache(maxsize=256)
def _built_once(name: str, kind: Any, config: tuple[tuple[str, bool], ...]) -> type[BaseModel]:
    model: type[BaseModel] = _build(name, body=(kind, ...), __config__=dict(config))  # type: ignore[call-overload]
    return model


def _create_model(
    name: str, *, body: tuple[Any, Any], __config__: dict[str, bool]
) -> type[BaseModel]:
    """Return the class for a value of this type, always the same one."""
    return _built_once(name, body[0], tuple(sorted(__config__.items())))


def build_classes_once() -> None:
    """Let the SDK share the classes of values of the same type, in this process."""
    serializers.create_model = _create_model


def classes_built() -> int:
    """Return how many classes have been built so far."""
    return _built_once.cache_info().currsize
