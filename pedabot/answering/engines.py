"""The engines that the settings ask for, in their order; the offline one is always the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pedabot.answering.mistral.settings import MistralSettings
from pedabot.answering.offline import OfflineEngine
from pedabot.answering.semantics import Embedder
from pedabot.answering.values import Engine, Window
from pedabot.config import stop_sequences

NO_MODEL = "none"


def make_engines(settings: Mapping[str, Any]) -> Sequence[Engine]:
    """Return Mistral's engine if a key or a server of the school is set, then the offline one."""
    if not _asks_a_model(settings):
        return (OfflineEngine(),)
    # Heavy (0.3 s and more): a server without a key must not pay for it.
    from pedabot.answering.mistral.engine import MistralEngine

    return (MistralEngine(_mistral_settings(settings)), OfflineEngine())


def make_embedder(settings: Mapping[str, Any]) -> Embedder | None:
    """Return what embeds texts; None without a key or a server, or where it is turned off."""
    model = settings["PEDABOT_EMBEDDING_MODEL"]
    if model == NO_MODEL or not _asks_a_model(settings):
        return None
    # As heavy as the engine.
    from pedabot.answering.mistral.embedding import MistralEmbedder

    patience = settings["PEDABOT_EMBEDDING_TIMEOUT"]
    return MistralEmbedder(
        replace(
            _mistral_settings(settings),
            model=model,
            first_token_timeout=patience,
            answer_timeout=patience,
        )
    )


def make_window(settings: Mapping[str, Any]) -> Window:
    """Return how many tokens a prompt and its parts may take."""
    return Window(
        prompt=settings["PEDABOT_PROMPT_TOKENS"],
        history=settings["PEDABOT_HISTORY_TOKENS"],
        files=settings["PEDABOT_FILE_TOKENS"],
    )


def _asks_a_model(settings: Mapping[str, Any]) -> bool:
    return bool(settings["MISTRAL_API_KEY"] or settings["MISTRAL_SERVER_URL"])


def _mistral_settings(settings: Mapping[str, Any]) -> MistralSettings:
    return MistralSettings(
        api_key=settings["MISTRAL_API_KEY"],
        server_url=settings["MISTRAL_SERVER_URL"] or None,
        model=settings["PEDABOT_MODEL"],
        temperature=settings["PEDABOT_TEMPERATURE"],
        max_tokens=settings["PEDABOT_MAX_TOKENS"],
        stop=stop_sequences(settings["PEDABOT_STOP"]),
        connect_timeout=settings["PEDABOT_CONNECT_TIMEOUT"],
        first_token_timeout=settings["PEDABOT_FIRST_TOKEN_TIMEOUT"],
        token_timeout=settings["PEDABOT_TOKEN_TIMEOUT"],
        answer_timeout=settings["PEDABOT_ANSWER_TIMEOUT"],
    )
