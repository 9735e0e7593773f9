"""The engines that the settings ask for, in their order; the offline one is always the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pedabot.answering.mistral.settings import MistralSettings
from pedabot.answering.offline import OfflineEngine
from pedabot.answering.values import Engine
from pedabot.config import stop_sequences


def make_engines(settings: Mapping[str, Any]) -> Sequence[Engine]:
    """Return Mistral's engine if a key or a server of the school is set, then the offline one."""
    if not settings["MISTRAL_API_KEY"] and not settings["MISTRAL_SERVER_URL"]:
        return (OfflineEngine(),)
    # Heavy (0.3 s and more): a server without a key must not pay for it.
    from pedabot.answering.mistral.engine import MistralEngine

    mistral = MistralEngine(
        MistralSettings(
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
    )
    return (mistral, OfflineEngine())
