"""The settings, read strictly from the environment; their table is in ``settings``.

A wrong or unsafe value stops the start with a sentence. A secret may also come from a file: set
``NAME_FILE`` to its path instead of ``NAME``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from pedabot.settings import RULES, SETTINGS, ConfigurationError, Setting

MAXIMUM_PRICE = 10_000


def load(environ: Mapping[str, str], instance: Path) -> dict[str, Any]:
    """Read every setting; ``instance`` is the folder of the generated secret and the database.

    Raises:
        ConfigurationError: for a value that is wrong, unsafe, or of an unknown ``PEDABOT_`` name.
    """
    known = {setting.name for setting in SETTINGS}
    for name in environ:
        if name.startswith("PEDABOT_") and name not in known:
            raise ConfigurationError(f"{name}: there is no such setting (see docs/settings.md)")
    values = {setting.name: _read(setting, environ) for setting in SETTINGS}
    values["SECRET_KEY"] = values["SECRET_KEY"] or _generated_secret(instance)
    values["DATABASE_URL"] = values["DATABASE_URL"] or f"sqlite:///{instance / 'pedabot.db'}"
    values["PEDABOT_BACKUP_FOLDER"] = values["PEDABOT_BACKUP_FOLDER"] or str(instance / "backups")
    _refuse_unsafe(values)
    return values


def _read(setting: Setting, environ: Mapping[str, str]) -> Any:
    text = environ.get(setting.name, "").strip()
    path = environ.get(f"{setting.name}_FILE", "").strip() if setting.secret else ""
    if text and path:
        raise ConfigurationError(f"{setting.name} and {setting.name}_FILE are both set: keep one")
    if path:
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{setting.name}_FILE: {path} cannot be read as text ({error})"
            ) from error
        if not text:
            raise ConfigurationError(f"{setting.name}_FILE: {path} is empty")
    return setting.parse(text) if text else setting.default


def _generated_secret(instance: Path) -> str:
    path = instance / "secret_key"
    return path.read_text(encoding="ascii").strip() if path.exists() else ""


def make_secret(instance: Path) -> str:
    """Return the random secret; make it (mode 0600) and the instance folder if need be."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = instance / "secret_key"
    path.touch(mode=0o600)
    path.chmod(0o600)
    if not path.stat().st_size:
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return _generated_secret(instance)


def _refuse_unsafe(values: Mapping[str, Any]) -> None:
    for rule in RULES:
        value = values[rule.name]
        if value and not rule.holds(value):
            refusal = rule.refusal.format(value=value, length=len(value))
            raise ConfigurationError(f"{rule.name}: {refusal}")
    if len(stop_sequences(values["PEDABOT_STOP"])) > 4:
        raise ConfigurationError("PEDABOT_STOP: at most 4 sequences")
    _check_hosts(values["PEDABOT_HOSTS"])
    networks(values["PEDABOT_METRICS_ADDRESSES"])
    read_prices(values["PEDABOT_PRICES"])
    models(values)
    _refuse_overlong_prompts(values)
    _refuse_nameless_client(values)


def _check_hosts(text: str) -> None:
    for name in known_names(text):
        if not re.fullmatch(r"[\w.-]+|\[[0-9a-f:]+\]", name):
            raise ConfigurationError(
                f'PEDABOT_HOSTS: "{name}" is not a name such as pedabot.lycee.fr or 192.168.1.20'
            )


def _refuse_overlong_prompts(values: Mapping[str, Any]) -> None:
    needed = values["PEDABOT_PROMPT_TOKENS"] + values["PEDABOT_MAX_TOKENS"]
    if needed > values["PEDABOT_CONTEXT_TOKENS"]:
        raise ConfigurationError(
            f"PEDABOT_PROMPT_TOKENS and PEDABOT_MAX_TOKENS make {needed}, more than the model takes"
            f" (PEDABOT_CONTEXT_TOKENS: {values['PEDABOT_CONTEXT_TOKENS']}): lower one of them"
        )


def _refuse_nameless_client(values: Mapping[str, Any]) -> None:
    if values["PEDABOT_OIDC_DISCOVERY_URL"] and not values["PEDABOT_OIDC_CLIENT_ID"]:
        raise ConfigurationError(
            "PEDABOT_OIDC_CLIENT_ID: the provider of PEDABOT_OIDC_DISCOVERY_URL needs one"
        )


def known_names(text: str) -> tuple[str, ...]:
    """Split the setting ``PEDABOT_HOSTS`` at its commas; ports and case do not matter."""
    return tuple(
        re.sub(r":\d+$", "", part.strip()).lower() for part in text.split(",") if part.strip()
    )


def stop_sequences(text: str) -> tuple[str, ...]:
    """Split the setting ``PEDABOT_STOP`` at its commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read the setting ``PEDABOT_METRICS_ADDRESSES``: addresses and networks between commas.

    Raises:
        ConfigurationError: if one of them is none.
    """
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ConfigurationError(
            f"PEDABOT_METRICS_ADDRESSES: {error}; write them like 127.0.0.1, 10.0.0.0/8"
        ) from error


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model of the chain with its time limits, in seconds."""

    name: str
    connect: float
    first_token: float
    token: float
    answer: float


_TIME_LIMITS = {
    "connect": "PEDABOT_CONNECT_TIMEOUT",
    "first_token": "PEDABOT_FIRST_TOKEN_TIMEOUT",
    "token": "PEDABOT_TOKEN_TIMEOUT",
    "answer": "PEDABOT_ANSWER_TIMEOUT",
}


def models(values: Mapping[str, Any]) -> tuple[ModelChoice, ...]:
    """Read the setting ``PEDABOT_MODELS``: names in order, each with time limits of its own if any.

    Raises:
        ConfigurationError: for a list that cannot be used.
    """
    chain = tuple(
        _model(part.split(), values) for part in values["PEDABOT_MODELS"].split(",") if part.strip()
    )
    if not chain or len({model.name for model in chain}) < len(chain):
        raise ConfigurationError("PEDABOT_MODELS: one model or more, each once")
    return chain


def _model(words: list[str], values: Mapping[str, Any]) -> ModelChoice:
    """Read ``name first_token=5 answer=20``; what is not said has the limit of all models."""
    name, *options = words
    limits = {limit: values[setting] for limit, setting in _TIME_LIMITS.items()}
    table = {setting.name: setting for setting in SETTINGS}
    for option in options:
        limit, _, seconds = option.partition("=")
        if limit not in limits:
            raise ConfigurationError(
                f'PEDABOT_MODELS: "{option}" is not one of {", ".join(f"{n}=…" for n in limits)}'
            )
        try:
            limits[limit] = table[_TIME_LIMITS[limit]].parse(seconds)
        except ConfigurationError as error:
            raise ConfigurationError(f"PEDABOT_MODELS: {option}: {error}") from error
    return ModelChoice(name, **limits)


def longest_answer(values: Mapping[str, Any]) -> float:
    """Return the seconds that an answer may take: the queue, then each model to its limit."""
    return float(values["PEDABOT_QUEUE_TIMEOUT"] + sum(model.answer for model in models(values)))


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs in euros per million tokens, in and out, as known on a day."""

    model: str
    tokens_in: Decimal
    tokens_out: Decimal
    known_on: date


def read_prices(text: str) -> tuple[Price, ...]:
    """Read the setting ``PEDABOT_PRICES``: ``model price-in price-out day; ...``.

    Raises:
        ConfigurationError: if an entry is written otherwise, or a model has two.
    """
    prices = tuple(_read_price(entry) for entry in text.split(";") if entry.strip())
    if len({price.model for price in prices}) < len(prices):
        raise ConfigurationError("PEDABOT_PRICES: a model has two prices")
    return prices


def _read_price(entry: str) -> Price:
    try:
        model, tokens_in, tokens_out, day = entry.split()
        return Price(model, _euros(tokens_in), _euros(tokens_out), date.fromisoformat(day))
    except (ValueError, InvalidOperation) as error:
        raise ConfigurationError(
            f'PEDABOT_PRICES: "{entry.strip()}" is not like "mistral-small-latest 0.10 0.30'
            ' 2026-04-01" (model, euros per million tokens in and out, day of the price)'
        ) from error


def _euros(text: str) -> Decimal:
    euros = Decimal(text)
    if not 0 <= euros <= MAXIMUM_PRICE:
        raise ValueError(f"{text} is no price")
    return euros
