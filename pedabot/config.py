"""The settings: one table, read strictly from the environment.

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
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from limits import parse_many


class ConfigurationError(ValueError):
    """A setting cannot be used; the message says which, why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table; ``default`` also gives the type: str, bool, int or float."""

    name: str
    default: str | bool | int | float
    help: str
    minimum: float | None = None
    maximum: float | None = None
    secret: bool = False

    def parse(self, text: str) -> str | bool | int | float:
        """Read the value from text.

        Raises:
            ConfigurationError: if it is of another type or out of bounds.
        """
        if isinstance(self.default, str):
            return text
        if isinstance(self.default, bool):
            return self._parse_bool(text)
        kind = type(self.default)
        try:
            number = kind(text)
        except ValueError as error:
            expected = "a whole number" if kind is int else "a number"
            raise ConfigurationError(f'{self.name}: "{text}" is not {expected}') from error
        self._check_bounds(number)
        return number

    def _parse_bool(self, text: str) -> bool:
        try:
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        except KeyError as error:
            raise ConfigurationError(f'{self.name}: "{text}" is not true or false') from error

    def _check_bounds(self, number: float) -> None:
        low, high = self.minimum, self.maximum
        if (low is not None and not number >= low) or (high is not None and not number <= high):
            raise ConfigurationError(f"{self.name}: {number} is not between {low} and {high}")


SETTINGS = (
    Setting("SECRET_KEY", "", "Signs sessions; by default a random one in instance/.", secret=True),
    Setting("DATABASE_URL", "", "SQLAlchemy URL; by default SQLite in instance/.", secret=True),
    Setting("REDIS_URL", "", "Redis for limits shared by machines; empty: memory.", secret=True),
    Setting("HOST", "127.0.0.1", "Address on which the server listens."),
    Setting("PORT", 8000, "Port on which the server listens.", 1, 65535),
    Setting("MISTRAL_API_KEY", "", "Key of the Mistral API; empty: offline.", secret=True),
    Setting("MISTRAL_SERVER_URL", "", "A server that speaks the same protocol; empty: Mistral's."),
    Setting("PEDABOT_MODELS", "mistral-small-latest", "Models that answer, the first one first."),
    Setting("PEDABOT_EMBEDDING_MODEL", "mistral-embed", "Model for search by meaning; none: off."),
    Setting("PEDABOT_EMBEDDING_TIMEOUT", 3.0, "Seconds for the vectors of a question.", 0.1, 60),
    Setting("PEDABOT_TEMPERATURE", 0.3, "From exact (0.1) to inventive (1.0).", 0.1, 1.0),
    Setting("PEDABOT_MAX_TOKENS", 900, "Longest answer, in tokens.", 50, 4000),
    Setting("PEDABOT_PROMPT_TOKENS", 8000, "Longest prompt, in tokens.", 3000, 1_000_000),
    Setting("PEDABOT_HISTORY_TOKENS", 1500, "Turns before, in tokens.", 0, 100_000),
    Setting("PEDABOT_FILE_TOKENS", 3000, "Attached files, in tokens.", 0, 500_000),
    Setting("PEDABOT_CONTEXT_TOKENS", 32_000, "What the model takes, in tokens.", 4000, 2_000_000),
    Setting("PEDABOT_STOP", "", "Sequences that end an answer, separated by commas (at most 4)."),
    Setting("PEDABOT_CONNECT_TIMEOUT", 5.0, "Seconds to reach the API.", 0.1, 60),
    Setting("PEDABOT_FIRST_TOKEN_TIMEOUT", 15.0, "Seconds to its first word.", 0.1, 300),
    Setting("PEDABOT_TOKEN_TIMEOUT", 10.0, "Seconds between two words.", 0.1, 300),
    Setting("PEDABOT_ANSWER_TIMEOUT", 60.0, "Seconds for a whole answer.", 0.1, 600),
    Setting("PEDABOT_PRICES", "", "Euros per million tokens in and out of each model, dated."),
    Setting("PEDABOT_BREAKER_FAILURES", 3, "Failures in a row after which a model rests.", 1, 100),
    Setting("PEDABOT_BREAKER_REST", 30.0, "Seconds of its first rest; each next doubles.", 1, 300),
    Setting("PEDABOT_CALLS_IN_FLIGHT", 256, "Calls to the models at once, in all.", 1, 1000),
    Setting("PEDABOT_QUEUE_TIMEOUT", 20.0, "Seconds that a question waits in the queue.", 0, 300),
    Setting("PEDABOT_BUDGET_PER_DAY", 0.0, "Euros of the whole school; 0: no limit.", 0, 10_000),
    Setting("PEDABOT_BUDGET_PER_MONTH", 0.0, "Euros of the whole school; 0: no limit.", 0, 100_000),
    Setting("PEDABOT_MAX_QUESTION_LENGTH", 2000, "Longest question, in characters.", 50, 20000),
    Setting("PEDABOT_MAX_BODY_BYTES", 1_000_000, "Largest request, in bytes.", 10_000, 50_000_000),
    Setting("PEDABOT_QUESTION_LIMIT", "12 per minute; 300 per day", "Questions of one account."),
    Setting("PEDABOT_SIGN_IN_LIMIT", "10 per minute; 60 per hour", "Sign-ins tried on one name."),
    Setting(
        "PEDABOT_JOIN_LIMIT", "120 per minute", "Accounts made or links opened at one address."
    ),
    Setting("PEDABOT_REQUEST_LIMIT", "600 per minute", "All requests of one account."),
    Setting("PEDABOT_SESSION_HOURS", 12, "Hours after which one signs in again.", 1, 720),
    Setting("PEDABOT_IDLE_MINUTES", 120, "Minutes without a page until then.", 5, 43200),
    Setting("PEDABOT_HOSTS", "", "Names by which the server is reached; empty: any."),
    Setting("PEDABOT_SECURE_COOKIES", True, "Cookies only over HTTPS (or on this very machine)."),
    Setting("PEDABOT_PROXIES", 0, "Reverse proxies in front whose headers are trusted.", 0, 5),
    Setting("PEDABOT_OIDC_DISCOVERY_URL", "", "OpenID Connect discovery document; empty: none."),
    Setting("PEDABOT_OIDC_CLIENT_ID", "", "Name of this server at the provider."),
    Setting("PEDABOT_OIDC_CLIENT_SECRET", "", "Its secret; empty: a public client.", secret=True),
    Setting("PEDABOT_OIDC_NAME", "Compte de l'école", "What the sign-in button says."),
    Setting("PEDABOT_OIDC_SCOPES", "openid profile", "Scopes that are asked for."),
    Setting("PEDABOT_OIDC_NEW_ACCOUNTS", False, "Whether unknown people may make an account."),
    Setting("PEDABOT_OIDC_NAME_CLAIM", "preferred_username", "Claim proposed as pseudonym."),
    Setting("PEDABOT_OIDC_TEACHER_CLAIM", "", "Claim that tells new teachers; email: its domain."),
    Setting("PEDABOT_OIDC_TEACHER_VALUES", "", "Its values for teachers, separated by commas."),
    Setting("PEDABOT_DAYS_KEPT", 365, "Days without a new question; 0: kept for good.", 0, 3650),
    Setting("PEDABOT_BACKUP_FOLDER", "", "Where backups go; by default backups/ in instance/."),
    Setting("PEDABOT_BACKUP_DAYS", 7, "Daily backups that are kept.", 1, 366),
    Setting("PEDABOT_BACKUP_WEEKS", 5, "Weekly backups that are kept.", 0, 520),
    Setting("PEDABOT_BACKUP_RECIPIENT", "", "Public key of age that encrypts them; empty: none."),
    Setting("PEDABOT_AUDIT_DAYS", 180, "Days that the audit is kept.", 7, 3650),
    Setting("PEDABOT_SCHOOL", "", "Name and address of the school, for the privacy notice."),
    Setting("PEDABOT_DATA_OFFICER", "", "How to reach its data protection officer."),
    Setting("PEDABOT_TIMEZONE", "Europe/Paris", "Time zone of the dates on pages."),
    Setting("PEDABOT_METRICS_TOKEN", "", "Lets who sends it read /metrics.", secret=True),
    Setting("PEDABOT_METRICS_ADDRESSES", "", "Networks that read /metrics without it."),
    Setting("PEDABOT_LOG_LEVEL", "warning", "Least grave event logged: info, warning, error."),
    Setting("PEDABOT_SERVER_WORKERS", 2, "Processes of the server.", 1, 64),
    Setting("PEDABOT_DATABASE_CONNECTIONS", 20, "Of a process, to PostgreSQL.", 5, 500),
    Setting("PEDABOT_SERVER_THREADS", 128, "Requests that one process serves at once.", 4, 1000),
)

MINIMUM_SECRET_LENGTH = 32
MINIMUM_TOKEN_LENGTH = 16
LOG_LEVELS = ("debug", "info", "warning", "error")
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
    level = values["PEDABOT_LOG_LEVEL"]
    if level not in LOG_LEVELS:
        raise ConfigurationError(
            f'PEDABOT_LOG_LEVEL: "{level}" is not one of {", ".join(LOG_LEVELS)}'
        )
    secret = values["SECRET_KEY"]
    if secret and len(secret) < MINIMUM_SECRET_LENGTH:
        raise ConfigurationError(
            f"SECRET_KEY: {len(secret)} characters, at least {MINIMUM_SECRET_LENGTH} are needed;"
            ' make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    url = values["MISTRAL_SERVER_URL"]
    if url and not _is_web_address(url):
        raise ConfigurationError(
            f'MISTRAL_SERVER_URL: "{url}" is not an address like https://server.school:8080'
        )
    recipient = values["PEDABOT_BACKUP_RECIPIENT"]
    if recipient and not recipient.startswith("age1"):
        raise ConfigurationError(
            "PEDABOT_BACKUP_RECIPIENT: a public key of age begins with age1 (a secret key, which"
            " begins with AGE-SECRET-KEY-1, must not be on this machine)"
        )
    _refuse_overlong_prompts(values)
    _check_provider(values)
    for name in known_names(values["PEDABOT_HOSTS"]):
        if not re.fullmatch(r"[\w.-]+|\[[0-9a-f:]+\]", name):
            raise ConfigurationError(
                f'PEDABOT_HOSTS: "{name}" is not a name such as pedabot.lycee.fr or 192.168.1.20'
            )
    if len(stop_sequences(values["PEDABOT_STOP"])) > 4:
        raise ConfigurationError("PEDABOT_STOP: at most 4 sequences")
    models(values)
    networks(values["PEDABOT_METRICS_ADDRESSES"])
    if 0 < len(values["PEDABOT_METRICS_TOKEN"]) < MINIMUM_TOKEN_LENGTH:
        raise ConfigurationError(
            f"PEDABOT_METRICS_TOKEN: at least {MINIMUM_TOKEN_LENGTH} characters are needed"
        )
    read_prices(values["PEDABOT_PRICES"])
    for name in ("QUESTION", "SIGN_IN", "JOIN", "REQUEST"):
        _check_limit(f"PEDABOT_{name}_LIMIT", values)
    try:
        ZoneInfo(values["PEDABOT_TIMEZONE"])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            f'PEDABOT_TIMEZONE: there is no time zone "{values["PEDABOT_TIMEZONE"]}"'
        ) from error


def _refuse_overlong_prompts(values: Mapping[str, Any]) -> None:
    needed = values["PEDABOT_PROMPT_TOKENS"] + values["PEDABOT_MAX_TOKENS"]
    if needed > values["PEDABOT_CONTEXT_TOKENS"]:
        raise ConfigurationError(
            f"PEDABOT_PROMPT_TOKENS and PEDABOT_MAX_TOKENS make {needed}, more than the model takes"
            f" (PEDABOT_CONTEXT_TOKENS: {values['PEDABOT_CONTEXT_TOKENS']}): lower one of them"
        )


def _check_limit(name: str, values: Mapping[str, Any]) -> None:
    try:
        parse_many(values[name])
    except ValueError as error:
        raise ConfigurationError(
            f'{name}: "{values[name]}" is not like "12 per minute; 300 per day"'
        ) from error


def _check_provider(values: Mapping[str, Any]) -> None:
    url = values["PEDABOT_OIDC_DISCOVERY_URL"]
    if url and not _is_web_address(url):
        raise ConfigurationError(
            f'PEDABOT_OIDC_DISCOVERY_URL: "{url}" is not an address like'
            " https://sso.school/.well-known/openid-configuration"
        )
    if url and not values["PEDABOT_OIDC_CLIENT_ID"]:
        raise ConfigurationError(
            "PEDABOT_OIDC_CLIENT_ID: the provider of PEDABOT_OIDC_DISCOVERY_URL needs one"
        )
    if "openid" not in values["PEDABOT_OIDC_SCOPES"].split():
        raise ConfigurationError('PEDABOT_OIDC_SCOPES: "openid" must be among them')


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


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
