"""PedaBot: a tutor for a class, grounded in its course."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from flask import Flask
from sqlalchemy import URL, make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from pedabot import cli, config, web
from pedabot.answering.breaker import Breakers
from pedabot.answering.budget import make_budgets
from pedabot.answering.chains import Chains
from pedabot.answering.comparing import JOB as COMPARE
from pedabot.answering.comparing import Comparer
from pedabot.answering.course import CourseCache
from pedabot.answering.delivery import Delivery
from pedabot.answering.engines import Engines, make_embedder, make_window
from pedabot.answering.ledger import Ledger
from pedabot.answering.memory import Memory
from pedabot.answering.prices import make_prices
from pedabot.answering.prompt_cache import PromptCache
from pedabot.answering.queue import Queue
from pedabot.answering.retrieval import Retrieval
from pedabot.answering.semantics import Semantics
from pedabot.extensions import csrf, db
from pedabot.jobs import Jobs
from pedabot.migrating import Migrations
from pedabot.storage import breakers, calls, postgresql, retention, sqlite
from pedabot.storage import following as _following  # noqa: F401 (it listens)
from pedabot.storage.interrupted import mark_interrupted
from pedabot.storage.shared import SharedMemory
from pedabot.storage.shared_breakers import SharedBreakers
from pedabot.storage.shared_calls import SharedCalls
from pedabot.teaching.insights import count_past_days
from pedabot.web import counted, logs

REDIS_PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 1}
"""In seconds: a request waits no longer before its limits are counted in the process alone."""

RETENTION_HOUR = 2
"""In UTC: the small hours at a French school."""

ROOT = Path(__file__).parent.parent


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """Make the application from the settings in ``environ``.

    Without ``environ`` the process's environment is used, over a ``.env`` file beside this package.

    Raises:
        ConfigurationError: if a setting cannot be used; its message says what to write instead.
    """
    environ = _environment() if environ is None else environ
    instance = Path(environ.get("FLASK_INSTANCE_PATH") or ROOT / "instance").absolute()
    app = Flask(__name__, instance_path=str(instance))
    app.config.update(config.load(environ, instance))
    logs.configure(app.config["PEDABOT_LOG_LEVEL"])
    _configure_flask(app)
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, **dict.fromkeys(("x_for", "x_proto", "x_host"), app.config["PEDABOT_PROXIES"])
    )
    db.init_app(app)
    Migrations(app, str(ROOT / "migrations"))
    csrf.init_app(app)
    _build_tutor(app)
    web.init_app(app)
    cli.init_app(app)
    return app


def _environment() -> dict[str, str]:
    from_file = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
    return {**from_file, **os.environ}


def _configure_flask(app: Flask) -> None:
    settings = app.config
    url = postgresql.with_driver(make_url(settings["DATABASE_URL"]))
    settings.update(
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(url, settings),
        MAX_CONTENT_LENGTH=settings["PEDABOT_MAX_BODY_BYTES"],
        MAX_FORM_MEMORY_SIZE=settings["PEDABOT_MAX_BODY_BYTES"],
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings["PEDABOT_SESSION_HOURS"]),
        SESSION_COOKIE_NAME="pedabot",
        SESSION_COOKIE_SECURE=settings["PEDABOT_SECURE_COOKIES"],
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        RATELIMIT_STORAGE_URI=settings["REDIS_URL"] or f"{counted.SCHEME}://",
        RATELIMIT_STORAGE_OPTIONS=REDIS_PATIENCE if settings["REDIS_URL"] else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings["REDIS_URL"]),
        RATELIMIT_HEADERS_ENABLED=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
    )


def _engine_options(url: URL, settings: Mapping[str, Any]) -> dict[str, object]:
    if url.get_backend_name() == "sqlite":
        return sqlite.engine_options(url, settings["PEDABOT_SERVER_CONNECTIONS"])
    return postgresql.engine_options(settings["PEDABOT_DATABASE_CONNECTIONS"])


def _build_tutor(app: Flask) -> None:
    app.extensions["pedabot_course"] = course = CourseCache(ROOT / "knowledge.json")
    app.extensions["pedabot_semantics"] = semantics = Semantics(make_embedder(app.config))
    app.extensions["pedabot_retrieval"] = retrieval = Retrieval(course, semantics)
    app.extensions["pedabot_shared"] = shared = _shared_memory(app.config["REDIS_URL"])
    app.extensions["pedabot_chains"] = chains = _chains(app.config, shared)
    zone = ZoneInfo(app.config["PEDABOT_TIMEZONE"])
    app.extensions["pedabot_memory"] = memory = Memory(course)
    app.extensions["pedabot_ledger"] = ledger = Ledger(make_prices(app.config), zone)
    app.extensions["pedabot_prompts"] = prompts = PromptCache()
    app.extensions["pedabot_budgets"] = budgets = make_budgets(app.config, ledger)
    app.extensions["pedabot_delivery"] = delivery = Delivery(
        retrieval, prompts, chains, memory, budgets, ledger, make_window(app.config)
    )
    app.extensions["pedabot_jobs"] = jobs = Jobs(app)
    comparer = Comparer(retrieval, chains, ledger, jobs.enqueue, lambda: jobs.stopping)
    app.extensions["pedabot_comparer"] = comparer
    jobs.add(COMPARE, comparer.step)
    jobs.resume(comparer.resume)
    days = app.config["PEDABOT_DAYS_KEPT"]
    jobs.daily("sums of days", RETENTION_HOUR + 1, lambda: count_past_days(zone))
    jobs.daily("retention", RETENTION_HOUR, lambda: retention.run(days))
    # A student's page marks its own; those that nobody opens again are marked here.
    jobs.daily("interrupted", RETENTION_HOUR, lambda: mark_interrupted(delivery.longest))


def _shared_memory(url: str) -> SharedMemory | None:
    return SharedMemory(url) if url else None


def _chains(settings: Mapping[str, Any], shared: SharedMemory | None) -> Chains:
    rest = timedelta(seconds=settings["PEDABOT_BREAKER_REST"])
    gates = (settings["PEDABOT_CALLS_IN_FLIGHT"], settings["PEDABOT_QUEUE_TIMEOUT"])
    limits = (settings["PEDABOT_BREAKER_FAILURES"], rest)
    return Chains(
        Engines(settings),
        Breakers(*limits, store=SharedBreakers(shared) if shared else breakers),
        Queue(*gates, calls=SharedCalls(shared) if shared else calls),
        timedelta(seconds=config.longest_answer(settings)),
    )
