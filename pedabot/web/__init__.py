"""HTTP only: parse, authorise, call, render."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

from pedabot.answering import pipeline, rendering
from pedabot.extensions import login
from pedabot.storage import alarms, reviews
from pedabot.storage.people import Classroom
from pedabot.typography import french_label
from pedabot.web import (
    accounts,
    addresses,
    allowance,
    attachments,
    chat,
    errors,
    health,
    i18n,
    knowledge,
    levels,
    logs,
    me,
    metrics,
    notice,
    privacy,
    records,
    reports,
    school,
    security,
    services,
    sessions,
    static_files,
    transcripts,
    turns,
    uploads,
)
from pedabot.web.access import signed_in_user
from pedabot.web.admin import accounts as admin_accounts
from pedabot.web.admin import audit as admin_audit
from pedabot.web.admin import class_import as admin_class_import
from pedabot.web.admin import class_joining as admin_class_joining
from pedabot.web.admin import class_people as admin_class_people
from pedabot.web.admin import class_settings as admin_class_settings
from pedabot.web.admin import classes as admin_classes
from pedabot.web.admin import comparisons as admin_comparisons
from pedabot.web.admin import conversations as admin_conversations
from pedabot.web.admin import costs as admin_costs
from pedabot.web.admin import course as admin_course
from pedabot.web.admin import erasure as admin_erasure
from pedabot.web.admin import exports as admin_exports
from pedabot.web.admin import models as admin_models
from pedabot.web.admin import pins as admin_pins
from pedabot.web.admin import predictions as admin_predictions
from pedabot.web.admin import prompts as admin_prompts
from pedabot.web.admin import review_list as admin_review_list
from pedabot.web.admin import reviews as admin_reviews
from pedabot.web.admin import subtopics as admin_subtopics
from pedabot.web.admin import week as admin_week
from pedabot.web.hidden import hidden_in_words
from pedabot.web.limits import limiter

BLUEPRINTS = (
    chat.bp,
    transcripts.bp,
    levels.bp,
    reports.bp,
    attachments.bp,
    knowledge.bp,
    me.bp,
    accounts.bp,
    records.bp,
    privacy.bp,
    sessions.bp,
    school.bp,
    health.bp,
    metrics.bp,
    admin_classes.bp,
    admin_week.bp,
    admin_class_settings.bp,
    admin_class_joining.bp,
    admin_class_people.bp,
    admin_class_import.bp,
    admin_conversations.bp,
    admin_predictions.bp,
    admin_models.bp,
    admin_costs.bp,
    admin_pins.bp,
    admin_reviews.bp,
    admin_review_list.bp,
    admin_exports.bp,
    admin_accounts.bp,
    admin_erasure.bp,
    admin_audit.bp,
    admin_course.bp,
    admin_subtopics.bp,
    admin_prompts.bp,
    admin_comparisons.bp,
)


def init_app(app: Flask) -> None:
    """Bind pages, texts, limits and headers to the application."""
    turns.init_app(app)
    login.init_app(app)
    limiter.init_app(app)
    i18n.init_app(app)
    errors.init_app(app)
    logs.init_app(app)
    metrics.init_app(app)
    security.init_app(app)
    static_files.init_app(app)
    addresses.init_app(app)
    school.init_app(app)
    notice.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.jinja_env.filters["markdown"] = _markdown
    app.jinja_env.filters["line"] = _line
    app.jinja_env.filters["typeset"] = french_label
    app.jinja_env.globals["uploads"] = uploads
    app.jinja_env.globals["quoted"] = i18n.quoted
    app.jinja_env.globals["LANGUAGES"] = i18n.LANGUAGES
    app.jinja_env.filters["decimal"] = i18n.decimal
    app.jinja_env.filters["euros"] = i18n.euros
    app.jinja_env.globals["proposed_level"] = levels.proposed_level
    app.jinja_env.globals["questions_left"] = _questions_left
    app.jinja_env.globals["standings_of"] = services.standings_of
    app.jinja_env.globals["open_alarms"] = alarms.open_alarms
    app.jinja_env.globals["correction_marks"] = reviews.correction_marks
    app.jinja_env.globals["duration"] = i18n.duration
    app.jinja_env.globals["level_name"] = i18n.level_name
    app.jinja_env.globals["engine_name"] = i18n.engine_name
    app.jinja_env.globals["outcome_name"] = i18n.outcome_name
    app.jinja_env.globals["session_is_lost"] = security.session_is_lost
    app.jinja_env.globals["hidden_in_words"] = hidden_in_words
    app.jinja_env.globals["address_of"] = pipeline.address


def _questions_left(classroom: Classroom | None) -> allowance.Allowance:
    return allowance.questions_left(signed_in_user(), classroom)


def _markdown(
    text: str, sources: list[dict[str, str]] | None = None, doubts: Sequence[str] = ()
) -> Markup:
    """Render markdown for a template: the result is sanitised, and so marked as safe.

    What has ``sources`` is an answer of the tutor: nothing in it links away from this server.
    """
    addresses = tuple(pipeline.address(s["topic"], s["subtopic"]) for s in sources or ())
    html = _rendered(text, addresses, tuple(doubts), sources is None)
    return Markup(html)  # noqa: S704


@lru_cache(maxsize=512)
def _rendered(text: str, addresses: tuple[str, ...], doubts: tuple[str, ...], links: bool) -> str:
    """Keep what was made of the latest answers: a conversation is opened again at each turn."""
    return rendering.render(text, addresses, doubts, links=links)


def _line(text: str) -> Markup:
    """Render a short text of the course, with its code and formulas, within a line."""
    return Markup(rendering.render_line(text))  # noqa: S704
