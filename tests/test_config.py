"""The settings: read strictly, explained when refused, and each one documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pedabot.config import ModelChoice, load, longest_answer, make_secret, models, stop_sequences
from pedabot.settings import SETTINGS, ConfigurationError, Setting

ROOT = Path(__file__).parents[1]
SECRET = "x" * 32
NAMES = {setting.name for setting in SETTINGS}


def refusal(environ: dict[str, str], instance: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load({"SECRET_KEY": SECRET, **environ}, instance)
    return str(caught.value)


def test_without_an_environment_every_setting_has_its_default(tmp_path: Path) -> None:
    values = load({}, tmp_path)
    assert set(values) == NAMES
    assert values["PEDABOT_TEMPERATURE"] == 0.3
    assert values["PEDABOT_SECURE_COOKIES"] is True
    assert values["DATABASE_URL"] == f"sqlite:///{tmp_path}/pedabot.db"


def test_a_default_is_within_its_own_bounds() -> None:
    for setting in SETTINGS:
        if not isinstance(setting.default, str):
            assert setting.parse(str(setting.default)) == setting.default


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "80", 80),
        ("PORT", " 80\n", 80),
        ("PORT", "", 8000),
        ("PEDABOT_TEMPERATURE", "1", 1.0),
        ("PEDABOT_SECURE_COOKIES", "FALSE", False),
        ("PEDABOT_SECURE_COOKIES", "0", False),
        ("PEDABOT_SECURE_COOKIES", "true", True),
        ("PEDABOT_MODELS", " a-model ", "a-model"),
    ],
)
def test_a_value_has_the_type_of_its_default(
    name: str, text: str, value: object, tmp_path: Path
) -> None:
    read = load({"SECRET_KEY": SECRET, name: text}, tmp_path)[name]
    assert (read, type(read)) == (value, type(value))


def test_the_models_have_their_limits_or_those_of_all(tmp_path: Path) -> None:
    environ = {
        "SECRET_KEY": SECRET,
        "PEDABOT_MODELS": "small, mistral:7b  first_token=25 answer=90",
        "PEDABOT_QUEUE_TIMEOUT": "10",
    }
    values = load(environ, tmp_path)
    assert models(values) == (
        ModelChoice("small", 5.0, 15.0, 10.0, 60.0),
        ModelChoice("mistral:7b", 5.0, 25.0, 10.0, 90.0),
    )
    assert longest_answer(values) == 10 + 60 + 90


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("PORT", "eighty", 'PORT: "eighty" is not a whole number'),
        ("PORT", "80.5", 'PORT: "80.5" is not a whole number'),
        ("PORT", "0", "PORT: 0 is not between 1 and 65535"),
        ("PORT", "65536", "PORT: 65536 is not between 1 and 65535"),
        ("PEDABOT_TEMPERATURE", "hot", 'PEDABOT_TEMPERATURE: "hot" is not a number'),
        ("PEDABOT_TEMPERATURE", "nan", "PEDABOT_TEMPERATURE: nan is not between 0.1 and 1.0"),
        ("PEDABOT_TEMPERATURE", "inf", "PEDABOT_TEMPERATURE: inf is not between 0.1 and 1.0"),
        ("PEDABOT_SECURE_COOKIES", "yes", 'PEDABOT_SECURE_COOKIES: "yes" is not true or false'),
        ("PEDABOT_STOP", "a,b,c,d,e", "PEDABOT_STOP: at most 4 sequences"),
        ("PEDABOT_MODELS", "a,b,a", "PEDABOT_MODELS: one model or more, each once"),
        ("PEDABOT_MODELS", " , ", "PEDABOT_MODELS: one model or more, each once"),
        ("PEDABOT_MODELS", "a b", 'PEDABOT_MODELS: "b" is not one of connect=…, first_token=…'),
        ("PEDABOT_MODELS", "a token=0", "PEDABOT_MODELS: token=0: PEDABOT_TOKEN_TIMEOUT: 0.0 is"),
        ("PEDABOT_MODLE", "x", "PEDABOT_MODLE: there is no such setting"),
        ("SECRET_KEY", "x" * 31, "SECRET_KEY: 31 characters, at least 32 are needed"),
        ("PEDABOT_LOG_LEVEL", "loud", 'PEDABOT_LOG_LEVEL: "loud" is not one of debug, info, '),
        ("PEDABOT_TIMEZONE", "Paris", 'PEDABOT_TIMEZONE: there is no time zone "Paris"'),
        ("PEDABOT_TIMEZONE", "../x", 'PEDABOT_TIMEZONE: there is no time zone "../x"'),
        ("PEDABOT_QUESTION_LIMIT", "12", 'PEDABOT_QUESTION_LIMIT: "12" is not like "12 per'),
        ("PEDABOT_SIGN_IN_LIMIT", "often", 'PEDABOT_SIGN_IN_LIMIT: "often" is not like'),
        ("PEDABOT_JOIN_LIMIT", "5 per week", 'PEDABOT_JOIN_LIMIT: "5 per week" is not like'),
        ("PEDABOT_REQUEST_LIMIT", "-1 per day", 'PEDABOT_REQUEST_LIMIT: "-1 per day" is not'),
        ("PEDABOT_OIDC_SCOPES", "profile", 'PEDABOT_OIDC_SCOPES: "openid" must be among them'),
        ("PEDABOT_OIDC_DISCOVERY_URL", "sso", 'PEDABOT_OIDC_DISCOVERY_URL: "sso" is not an'),
        ("PEDABOT_OIDC_DISCOVERY_URL", "https://sso.school/", "PEDABOT_OIDC_CLIENT_ID: the"),
        ("PEDABOT_HOSTS", "pedabot.fr, a b", 'PEDABOT_HOSTS: "a b" is not a name such as'),
        ("PEDABOT_METRICS_TOKEN", "short", "PEDABOT_METRICS_TOKEN: at least 16 characters"),
        ("PEDABOT_METRICS_ADDRESSES", "here", "PEDABOT_METRICS_ADDRESSES: 'here' does not"),
        ("PEDABOT_BACKUP_RECIPIENT", "AGE-S", "PEDABOT_BACKUP_RECIPIENT: a public key of age"),
        ("PEDABOT_CONTEXT_TOKENS", "4000", "PEDABOT_PROMPT_TOKENS and PEDABOT_MAX_TOKENS make"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    assert refusal({name: text}, tmp_path).startswith(message)


def test_names_of_other_programs_are_none_of_our_business(tmp_path: Path) -> None:
    assert "PATH" not in load({"PATH": "/bin", "LANG": "fr"}, tmp_path)


@pytest.mark.parametrize("url", ["server.school", "ftp://server.school", "http://", "http://[::1"])
def test_a_server_without_a_web_address_is_refused(url: str, tmp_path: Path) -> None:
    assert refusal({"MISTRAL_SERVER_URL": url}, tmp_path).startswith(
        f'MISTRAL_SERVER_URL: "{url}" is not an address'
    )


@pytest.mark.parametrize("url", ["http://server:8080", "https://server.school/mistral"])
def test_a_server_with_a_web_address_is_accepted(url: str, tmp_path: Path) -> None:
    assert load({"MISTRAL_SERVER_URL": url}, tmp_path)["MISTRAL_SERVER_URL"] == url


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("the key\n")
    assert load({"MISTRAL_API_KEY_FILE": str(file)}, tmp_path)["MISTRAL_API_KEY"] == "the key"


def test_a_secret_from_a_file_is_judged_like_any_other(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("short")
    with pytest.raises(ConfigurationError, match="SECRET_KEY: 5 characters"):
        load({"SECRET_KEY_FILE": str(file)}, tmp_path)


def test_a_secret_set_twice_is_refused(tmp_path: Path) -> None:
    environ = {"MISTRAL_API_KEY": "a", "MISTRAL_API_KEY_FILE": "/b"}
    assert "both set" in refusal(environ, tmp_path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["absent", "not text"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    message = refusal({"MISTRAL_API_KEY_FILE": str(file)}, tmp_path)
    assert message.startswith(f"MISTRAL_API_KEY_FILE: {file} cannot be read")


def test_a_refusal_does_not_show_a_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load({"SECRET_KEY": "my little secret"}, tmp_path)
    assert "my little secret" not in str(caught.value)


def test_only_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    assert "no such setting" in refusal({"PEDABOT_MODEL_FILE": "/x"}, tmp_path)


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    instance = tmp_path / "deep" / "instance"
    make_secret(instance)
    first = (instance / "secret_key").read_text()
    make_secret(instance)
    assert (instance / "secret_key").read_text() == first
    assert (instance / "secret_key").stat().st_mode & 0o777 == 0o600
    assert instance.stat().st_mode & 0o777 == 0o700
    assert load({}, instance)["SECRET_KEY"] == first


def test_two_secrets_differ(tmp_path: Path) -> None:
    secrets = set()
    for name in ("a", "b"):
        make_secret(tmp_path / name)
        secrets.add((tmp_path / name / "secret_key").read_text())
    assert len(secrets) == 2


def test_an_empty_secret_file_is_filled(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    file.touch(mode=0o644)
    make_secret(tmp_path)
    assert len(file.read_text()) >= 32
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_secret_of_the_environment_comes_before_the_one_of_the_instance(tmp_path: Path) -> None:
    make_secret(tmp_path)
    assert load({"SECRET_KEY": SECRET}, tmp_path)["SECRET_KEY"] == SECRET


def test_loading_writes_nothing(tmp_path: Path) -> None:
    load({}, tmp_path / "instance")
    assert list(tmp_path.iterdir()) == []


def test_stop_sequences_are_split_at_commas() -> None:
    assert stop_sequences(" FIN , ---,, ") == ("FIN", "---")
    assert stop_sequences("") == ()


def test_each_setting_is_explained() -> None:
    assert [setting.name for setting in SETTINGS if not setting.help.endswith(".")] == []


def test_a_setting_without_bounds_takes_any_number() -> None:
    assert Setting("X", 1, "help").parse("-5") == -5


def test_the_example_of_an_environment_names_every_setting() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?\s*([A-Z]+(?:_[A-Z]+)*)=", text, re.MULTILINE))
    assert {name for name in named if name.startswith("PEDABOT_")} <= NAMES
    assert NAMES - named == set()


def test_the_page_of_settings_names_every_setting() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", text))
    assert {name for name in named if name.startswith("PEDABOT_")} <= NAMES
    assert NAMES - named == set()
