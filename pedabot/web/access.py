"""Who is signed in, what each route asks of them, and loaders that fetch and authorise at once.

A stranger gets 404 (nothing tells that the thing exists), a member without the right gets 403.
Every view carries exactly one guard; a test walks ``url_map`` to prove it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, current_app, g, session
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from pedabot.extensions import login
from pedabot.storage import (
    attachments,
    comparisons,
    conversations,
    courses,
    people,
    prompts,
    rosters,
    sign_ins,
)
from pedabot.storage.attachments import Attachment
from pedabot.storage.audit import Action
from pedabot.storage.comparisons import ComparedQuestion, Comparison
from pedabot.storage.conversations import Author, Conversation, Message
from pedabot.storage.courses import CourseVersion
from pedabot.storage.people import Classroom, User
from pedabot.storage.prompts import PromptVersion
from pedabot.storage.roles import Permission
from pedabot.teaching import course_editing
from pedabot.web import devices, notice
from pedabot.web.noting import note
from pedabot.web.services import running_course

SEEN = "seen"
SEEN_STEP = 60
"""Seconds after which a cookie is written anew: the idle limit is in minutes."""

P = ParamSpec("P")
R = TypeVar("R")


def _requires(permission: Permission) -> Callable[..., Callable[P, R]]:
    """Return a guard that lets in whom ``storage/roles.py`` gives the permission."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded_view(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                refusal: Response = login.unauthorized()
                return refusal  # type: ignore[return-value]
            if not current_user.may(permission):
                abort(403)
            if unread := notice.before(current_user):
                return unread  # type: ignore[return-value]
            return view(*args, **kwargs)

        guarded_view.guard = permission  # type: ignore[attr-defined]
        return guarded_view

    return decorate


signed_in = _requires(Permission.USE)
teacher_only = _requires(Permission.TEACH)
course_editor = _requires(Permission.EDIT_COURSE)
prompt_editor = _requires(Permission.EDIT_PROMPTS)
admin_only = _requires(Permission.ADMINISTER)


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that anybody may call."""
    view.guard = Permission.VISIT  # type: ignore[attr-defined]
    return view


def signed_in_user() -> User:
    """Return the account of this request; 401 without one."""
    user = current_user._get_current_object()
    if not isinstance(user, User):
        abort(401)
    return user


def forget_who_asks() -> None:
    """Go on with this request as with a visitor's: the database does not tell who asks."""
    g._login_user = login.anonymous_user()


def sign_in(
    user: User, action: Action = Action.SIGNED_IN, classroom: Classroom | None = None
) -> None:
    """Begin a session for the account; nothing of the one before is left in this browser.

    ``action`` is what led to it.
    """
    sign_out()
    hours = timedelta(hours=current_app.config["PEDABOT_SESSION_HOURS"])
    user.session_token = sign_ins.begin(user, hours)
    login_user(user)
    session[SEEN] = int(time.time())
    devices.remember(user.username)
    note(action, classroom=classroom)


def sign_out() -> None:
    """End the session, here and for whoever has a copy of its cookie."""
    if current_user.is_authenticated:
        sign_ins.end(current_user.session_token)
    logout_user()
    session.clear()


@login.user_loader  # type: ignore[untyped-decorator]
def _load_user(token: str) -> User | None:
    """Return whose session it is, and note in the cookie that it is in use.

    The moment is kept in the cookie, which is signed, so that reading a page writes no row.
    """
    now, seen = int(time.time()), int(session.get(SEEN, 0))
    if now - seen > 60 * current_app.config["PEDABOT_IDLE_MINUTES"]:
        return None
    if now - seen >= SEEN_STEP:
        session[SEEN] = now
    return sign_ins.find_user(token)


def own_conversation(slug: str) -> Conversation:
    """Return a conversation of the account that asks; 404 for anybody else's."""
    conversation = conversations.find_conversation(slug)
    if conversation is None or conversation.user_id != signed_in_user().id:
        abort(404)
    return conversation


def own_answer(slug: str) -> Message:
    """Return an answer in a conversation of the account that asks; 404 for anybody else's."""
    message = conversations.find_message(slug)
    if message is None or message.author is not Author.TUTOR:
        abort(404)
    if message.conversation.user_id != signed_in_user().id:
        abort(404)
    return message


def readable_attachment(slug: str) -> Attachment:
    """Return a file of the account's own conversations or classes; 404 for any other."""
    attachment = attachments.find_attachment(slug)
    if attachment is None:
        abort(404)
    conversation = attachment.message.conversation
    if conversation.user_id != signed_in_user().id:
        taught_conversation(conversation.slug)
        note(Action.FILE_READ, conversation.user, conversation.classroom)
    return attachment


def taught_class(slug: str) -> Classroom:
    """Return a class that the account teaches; 404 for strangers, 403 for its students."""
    classroom = people.find_class(slug)
    if classroom is None:
        abort(404)
    membership = people.membership_of(signed_in_user(), classroom.id)
    if membership is None:
        abort(404)
    if not membership.teaches:
        abort(403)
    return classroom


def changeable_class(slug: str) -> Classroom:
    """Return a class that the account teaches and may change; 423 if it is archived."""
    classroom = taught_class(slug)
    if classroom.archived_at is not None:
        abort(423)
    return classroom


def taught_conversation(slug: str) -> Conversation:
    """Return a conversation of a class that the account teaches; 404 for any other."""
    conversation = conversations.find_conversation(slug)
    if conversation is None or conversation.class_id is None:
        abort(404)
    membership = people.membership_of(signed_in_user(), conversation.class_id)
    if membership is None or not membership.teaches:
        abort(404)
    return conversation


def read_conversation(slug: str) -> Conversation:
    """Return what :func:`taught_conversation` does, for a page that shows it: that is noted."""
    conversation = taught_conversation(slug)
    note(Action.TALK_READ, conversation.user, conversation.classroom)
    return conversation


def taught_answer(slug: str) -> Message:
    """Return an answer in a class that the account teaches; 404 for any other."""
    message = conversations.find_message(slug)
    if message is None or message.author is not Author.TUTOR:
        abort(404)
    taught_conversation(message.conversation.slug)
    return message


def read_answer(slug: str) -> Message:
    """Return what :func:`taught_answer` does, for a page that shows it: that is noted."""
    answer = taught_answer(slug)
    read_conversation(answer.conversation.slug)
    return answer


def changeable_answer(slug: str) -> Message:
    """Return an answer that the account may review: like :func:`taught_answer`; 423 if archived."""
    message = taught_answer(slug)
    if message.conversation.classroom is not None:
        changeable_class(message.conversation.classroom.slug)
    return message


def taught_student(classroom: Classroom, slug: str) -> User:
    """Return a student of a class that was loaded by :func:`taught_class`; 404 for any other."""
    students = {student.slug: student for student in people.students_of(classroom)}
    return students.get(slug) or abort(404)


def colleague(classroom: Classroom, slug: str) -> User:
    """Return a teacher of a class that was loaded by :func:`taught_class`; 404 for any other."""
    team = {user.slug: user for user in rosters.team_of(classroom)}
    return team.get(slug) or abort(404)


def active_course_version() -> CourseVersion:
    """Return the active version; where the course is still the first file, it is made one."""
    return course_editing.adopt_first(running_course().document)


def course_version(number: str) -> CourseVersion:
    """Return a version by the number in an address or a form; 404 if there is none."""
    identifier = _number(number)
    return (courses.find_version(identifier) if identifier else None) or abort(404)


def prompt_version(number: str) -> PromptVersion | None:
    """Return a version of the prompt by its number, None for 0 (the file); 404 if there is none."""
    identifier = _number(number)
    if identifier == 0:
        return None
    return (prompts.find_version(identifier) if identifier else None) or abort(404)


def readable_comparison(slug: str) -> Comparison:
    """Return a comparison; 404 if it has questions of a class that the account does not teach."""
    comparison = comparisons.find_comparison(slug)
    if comparison is None:
        abort(404)
    if comparison.class_id is not None:
        membership = people.membership_of(signed_in_user(), comparison.class_id)
        if membership is None or not membership.teaches:
            abort(404)
    return comparison


def compared_question(slug: str, number: str) -> ComparedQuestion:
    """Return a question of a comparison that the account may read; 404 for any other."""
    comparison = readable_comparison(slug)
    return comparisons.find_question(comparison, _number(number) or 0) or abort(404)


def row_number(text: str) -> int:
    """Read the number of a row, as ``type=`` of what a request holds.

    Raises:
        ValueError: for what is none, or too large for any table.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> int | None:
    with suppress(ValueError):
        return row_number(text)
    return None


def unguarded_endpoints() -> list[str]:
    """Return the endpoints whose view carries no guard: there must be none but static files."""
    views = current_app.view_functions.items()
    return [name for name, view in views if not hasattr(view, "guard") and name != "static"]
