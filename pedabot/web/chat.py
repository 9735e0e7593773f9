"""The conversation: ask, follow the answer, stop it, ask for another, judge it."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pedabot import turns
from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import answers, attachments, conversations, interrupted, reviews
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.feedback import set_feedback
from pedabot.storage.people import Classroom
from pedabot.storage.sessions import keep_what_is_loaded
from pedabot.storage.shown import ShownMessage, messages_shown, recent_talks
from pedabot.web import allowance, uploads
from pedabot.web.access import own_answer, own_conversation, public, signed_in, signed_in_user
from pedabot.web.asking import NotNowError, check_conversation, classes_to_ask_in, why_not_here
from pedabot.web.events import frames
from pedabot.web.forms import FeedbackForm, QuestionForm, TitleForm
from pedabot.web.kept_turns import turns_html
from pedabot.web.metrics import counted
from pedabot.web.presets import presets, presets_about
from pedabot.web.services import delivery, known_subtopic, running_course
from pedabot.web.talks import CONVERSATIONS_IN_SIDEBAR, conversation_page

bp = Blueprint("chat", __name__)

CONVERSATIONS_PER_PAGE = 30


@bp.url_value_preprocessor
def _allow_files(endpoint: str | None, values: object) -> None:
    """Let files in where questions are asked; the check of forgery reads the body first."""
    if endpoint in ("chat.start", "chat.ask"):
        request.max_content_length = max(uploads.MAX_BODY_BYTES, request.max_content_length or 0)


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """Welcome, or straight to the conversation."""
    if current_user.is_authenticated:
        return redirect(url_for("chat.new"))
    return render_template("chat/welcome.html")


@bp.get("/chat")
@signed_in
def new() -> str:
    """An empty conversation, with questions to click."""
    form = QuestionForm(
        formdata=None,
        text=request.args.get("question", "")[: current_app.config["PEDABOT_MAX_QUESTION_LENGTH"]],
        level=signed_in_user().level.value,
        subtopic=request.args.get("subtopic", "")[:64],
    )
    return _new_page(form)


def _new_page(form: QuestionForm) -> str:
    user = signed_in_user()
    try:
        classes, closed = classes_to_ask_in(user), None
    except NotNowError as refusal:
        classes, closed = [], str(refusal)
    entry = running_course().document.by_id.get(form.subtopic.data or "")
    return render_template(
        "chat/new.html",
        form=form,
        presets=presets_about(entry[1]) if entry else presets(running_course(), user.level),
        about=entry,
        classes=classes,
        chosen=_usual_class(classes),
        closed=closed,
        recent=recent_talks(user, CONVERSATIONS_IN_SIDEBAR),
    )


@bp.post("/chat")
@signed_in
def start() -> ResponseReturnValue:
    """Begin a conversation with its first question."""
    keep_what_is_loaded()
    form = QuestionForm()
    if not form.validate():
        return _notice(form.first_error) if _by_script() else (_new_page(form), 422)
    conversation = conversations.start_conversation(
        signed_in_user(),
        _chosen_class(form),
        form.text.data.strip(),
        known_subtopic(form.subtopic.data),
    )
    answer = _ask(conversation, form)
    page = url_for("chat.show", slug=conversation.slug)
    if _by_script():
        return Response(status=204, headers={"HX-Redirect": page})
    _wait_for(answer)
    return redirect(page, 303)


def _chosen_class(form: QuestionForm) -> int | None:
    """The class that was chosen among those in which one may ask, or the usual one, or none."""
    mine = classes_to_ask_in(signed_in_user())
    chosen = next((room for room in mine if room.slug == form.classroom.data), None)
    return getattr(chosen or _usual_class(mine), "id", None)


def _usual_class(mine: list[Classroom]) -> Classroom | None:
    """The class of the latest conversation, or the first one."""
    latest = conversations.conversations_of(signed_in_user(), 1)
    usual = [room for room in mine if latest and room.id == latest[0].class_id]
    return next(iter(usual or mine), None)


def _ask(conversation: Conversation, form: QuestionForm) -> Message:
    """Store the question with the answer it waits for, and remember the level."""
    level = Difficulty(form.level.data)
    subtopic = known_subtopic(form.subtopic.data) or known_subtopic(conversation.subtopic)
    answer = conversations.add_question(conversation, form.text.data.strip(), level, subtopic)
    if form.files:
        db.session.add_all(uploads.attachments_for(answer.question, form.files))
    allowance.take(signed_in_user(), answer)
    signed_in_user().level = level
    db.session.commit()
    return answer


def _by_script() -> bool:
    return request.headers.get("HX-Request") == "true"


def _wait_for(answer: Message) -> None:
    """Without JavaScript the page waits for the whole answer."""
    turns.give_back()
    for _event in delivery().deliver(answer.id):
        pass


@bp.get("/chat/history")
@signed_in
def history() -> str:
    """All conversations, newest first."""
    before = request.args.get("before", "")
    page = conversations.conversations_of(
        signed_in_user(),
        CONVERSATIONS_PER_PAGE + 1,
        own_conversation(before) if before else None,
    )
    return render_template(
        "chat/history.html",
        page=page[:CONVERSATIONS_PER_PAGE],
        more=len(page) > CONVERSATIONS_PER_PAGE,
    )


@bp.get("/chat/<slug>")
@signed_in
def show(slug: str) -> bytes:
    """A conversation as it stands."""
    keep_what_is_loaded()
    return _conversation_page(own_conversation(slug))


def _conversation_page(conversation: Conversation, form: QuestionForm | None = None) -> bytes:
    """Return the page; ``form`` is what was refused of a question, if one was."""
    closed = why_not_here(signed_in_user(), conversation)
    messages = _messages(conversation)
    turns = turns_html(conversation, messages, closed=closed is not None)
    if any(message.unread for message in messages):
        reviews.mark_seen(conversation)
    return conversation_page(conversation, turns, closed, form)


def _messages(conversation: Conversation) -> list[ShownMessage]:
    """Return what the page shows; answers that nobody makes any more are interrupted before."""
    messages = messages_shown(conversation)
    unfinished = any(message.unfinished for message in messages)
    if unfinished and interrupted.mark_interrupted(delivery().longest):
        return messages_shown(conversation)
    return messages


@bp.post("/chat/<slug>/questions")
@signed_in
def ask(slug: str) -> ResponseReturnValue:
    """Ask in a conversation."""
    keep_what_is_loaded()
    conversation = own_conversation(slug)
    form = QuestionForm()
    if not form.validate():
        if _by_script():
            return _notice(form.first_error)
        return _conversation_page(conversation, form), 422
    check_conversation(signed_in_user(), conversation)
    return _answered(_ask(conversation, form), has_files=bool(form.files))


def _answered(answer: Message, *, has_files: bool) -> ResponseReturnValue:
    """The new turn, to be streamed by script, or the page with the whole answer."""
    if _by_script():
        question = answer.question
        files = attachments.attachments_of([question.id]) if question and has_files else {}
        return render_template("chat/_turn.html", question=question, answer=answer, files=files)
    _wait_for(answer)
    return redirect(
        url_for("chat.show", slug=answer.conversation.slug, _anchor=f"a-{answer.slug}"), 303
    )


def _notice(text: str) -> ResponseReturnValue:
    """A sentence that the script shows beside the composer; nothing that was typed is lost."""
    headers = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}
    return render_template("_notice.html", text=text), 422, headers


@bp.post("/messages/<slug>/anew")
@signed_in
def anew(slug: str) -> ResponseReturnValue:
    """Ask for another answer to the same question."""
    answer = own_answer(slug)
    if answer.unfinished or answer.replaced:
        abort(409)
    check_conversation(signed_in_user(), answer.conversation)
    again = conversations.add_answer_anew(answer)
    allowance.take(signed_in_user(), again)
    db.session.commit()
    if _by_script():
        return render_template("chat/_delivered.html", answer=again)
    return _answered(again, has_files=False)  # they stand under the question already


@bp.get("/messages/<slug>")
@signed_in
def answer(slug: str) -> str:
    """One answer as it stands."""
    return render_template("chat/_answer.html", answer=own_answer(slug))


@bp.get("/messages/<slug>/stream")
@signed_in
def stream(slug: str) -> Response:
    """The answer as server-sent events, made now if it still waits."""
    message = own_answer(slug)
    sent = counted(frames(message, delivery().deliver(message.id)))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(stream_with_context(sent), mimetype="text/event-stream", headers=headers)


@bp.post("/messages/<slug>/stop")
@signed_in
def stop(slug: str) -> ResponseReturnValue:
    """End an answer that is being made, and keep what was said."""
    message = own_answer(slug)
    if message.unfinished:
        message.stop_requested = True
        db.session.commit()
    if _by_script():
        return Response(status=204)
    return redirect(url_for("chat.show", slug=message.conversation.slug), 303)


@bp.post("/messages/<slug>/feedback")
@signed_in
def feedback(slug: str) -> ResponseReturnValue:
    """Keep a thumb and its reason."""
    message = own_answer(slug)
    form = FeedbackForm()
    if not form.validate():
        return _notice(next(iter(form.errors.values()))[0])
    helpful = request.form.get("helpful") == "1"
    if not helpful:
        answers.forget(message)
    set_feedback(message, helpful, form.reason.data or "")
    if _by_script():
        return render_template("chat/_feedback.html", answer=message)
    return redirect(
        url_for("chat.show", slug=message.conversation.slug, _anchor=f"a-{message.slug}"), 303
    )


@bp.post("/chat/<slug>/rename")
@signed_in
def rename(slug: str) -> ResponseReturnValue:
    """Give a conversation another title."""
    conversation = own_conversation(slug)
    form = TitleForm()
    if not form.validate():
        return _notice(next(iter(form.errors.values()))[0])
    conversation.title = conversations.title_from(form.title.data)
    db.session.commit()
    return redirect(url_for("chat.show", slug=slug), 303)


@bp.post("/chat/<slug>/delete")
@signed_in
def delete(slug: str) -> ResponseReturnValue:
    """Delete a conversation, for good."""
    conversation = own_conversation(slug)
    conversations.delete_conversation(conversation)
    return redirect(url_for("chat.history"), 303)
