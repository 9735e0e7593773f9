"""The settings as tables: what there is, and what must hold; ``config`` reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from limits import parse_many

MINIMUM_SECRET_LENGTH = 32
MINIMUM_TOKEN_LENGTH = 16
LOG_LEVELS = ("debug", "info", "warning", "error")


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
    Setting("PEDABOT_SERVER_CONNECTIONS", 1000, "Connections that one process serves.", 10, 10_000),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold for a setting that is not empty, and what is said of one for which it fails.

    ``{value}`` stands for the value, ``{length}`` for its characters.
    """

    name: str
    holds: Callable[[str], bool]
    refusal: str


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _are_limits(text: str) -> bool:
    try:
        return bool(parse_many(text))
    except ValueError:
        return False


def _is_time_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError):
        return False


RULES = (
    Rule(
        "PEDABOT_LOG_LEVEL",
        lambda level: level in LOG_LEVELS,
        f'"{{value}}" is not one of {", ".join(LOG_LEVELS)}',
    ),
    Rule(
        "SECRET_KEY",
        lambda secret: len(secret) >= MINIMUM_SECRET_LENGTH,
        f"{{length}} characters, at least {MINIMUM_SECRET_LENGTH} are needed;"
        ' make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"',
    ),
    Rule(
        "MISTRAL_SERVER_URL",
        _is_web_address,
        '"{value}" is not an address like https://server.school:8080',
    ),
    Rule(
        "PEDABOT_BACKUP_RECIPIENT",
        lambda recipient: recipient.startswith("age1"),
        "a public key of age begins with age1 (a secret key, which begins with AGE-SECRET-KEY-1,"
        " must not be on this machine)",
    ),
    Rule(
        "PEDABOT_OIDC_DISCOVERY_URL",
        _is_web_address,
        '"{value}" is not an address like https://sso.school/.well-known/openid-configuration',
    ),
    Rule(
        "PEDABOT_OIDC_SCOPES",
        lambda scopes: "openid" in scopes.split(),
        '"openid" must be among them',
    ),
    Rule(
        "PEDABOT_METRICS_TOKEN",
        lambda token: len(token) >= MINIMUM_TOKEN_LENGTH,
        f"at least {MINIMUM_TOKEN_LENGTH} characters are needed",
    ),
    *(
        Rule(
            f"PEDABOT_{what}_LIMIT",
            _are_limits,
            '"{value}" is not like "12 per minute; 300 per day"',
        )
        for what in ("QUESTION", "SIGN_IN", "JOIN", "REQUEST")
    ),
    Rule("PEDABOT_TIMEZONE", _is_time_zone, 'there is no time zone "{value}"'),
)
