"""The engines that the settings ask for, in their order; the offline one is always the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pedabot.answering.events import Engine
from pedabot.answering.mistral.settings import MistralSettings
from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.semantics import Embedder
from pedabot.answering.values import Window
from pedabot.config import ModelChoice, models, stop_sequences

if TYPE_CHECKING:
    from pedabot.answering.mistral.engine import MistralEngine

NO_MODEL = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a class decides about its models; the defaults leave it to the school.

    Of ``models`` those count that the school has, in the school's order; without any, all do.
    """

    models: tuple[str, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None


class Engines:
    """The engines of the school; one for each process, shared by its threads."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.models = models(settings) if _asks_a_model(settings) else ()
        self._offline = OfflineEngine()
        self._online = _online(settings, self.models)

    def warm_up(self) -> None:
        """Make the client of the models before the first question waits for it."""
        for engine in self._online:
            engine.warm_up()

    def chosen(self, choice: Choice) -> Sequence[Engine]:
        """Return the engines for a class in their order, the offline one last."""
        chosen = [engine for engine in self._online if engine.model in choice.models]
        tuned = (
            engine.tuned(choice.temperature, choice.max_tokens) for engine in chosen or self._online
        )
        return (*tuned, self._offline)

    def close(self) -> None:
        """Close all connections; a later question opens new ones."""
        for engine in self._online:
            engine.close()


def _online(settings: Mapping[str, Any], choices: Sequence[ModelChoice]) -> Sequence[MistralEngine]:
    if not choices:
        return ()
    # Heavy (0.3 s and more): a server without a key must not pay for it.
    from pedabot.answering.mistral.engine import make_engines

    return make_engines([_mistral_settings(settings, choice) for choice in choices])


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
            _mistral_settings(settings, models(settings)[0]),
            model=model,
            connect_timeout=settings["PEDABOT_CONNECT_TIMEOUT"],
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


def _mistral_settings(settings: Mapping[str, Any], choice: ModelChoice) -> MistralSettings:
    return MistralSettings(
        api_key=settings["MISTRAL_API_KEY"],
        server_url=_root(settings["MISTRAL_SERVER_URL"]),
        model=choice.name,
        temperature=settings["PEDABOT_TEMPERATURE"],
        max_tokens=settings["PEDABOT_MAX_TOKENS"],
        stop=stop_sequences(settings["PEDABOT_STOP"]),
        connect_timeout=choice.connect,
        first_token_timeout=choice.first_token,
        token_timeout=choice.token,
        answer_timeout=choice.answer,
    )


def _root(server_url: str) -> str | None:
    """Return the address without ``/v1``, which the SDK adds and most servers quote as theirs."""
    return server_url.rstrip("/").removesuffix("/v1") or None
