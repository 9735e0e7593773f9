"""The pictures of ``docs/screenshots``, taken from the demo class: ``make screenshots``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import func, select

from pedabot.cli.demo import words
from pedabot.extensions import db
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import Classroom, User
from pedabot.storage.reviews import Review, Verdict
from tests.browser.conftest import CHROMIUM, FLAGS, PASSWORD, ROOT, Server, make_server

FOLDER = ROOT / "docs" / "screenshots"
DESKTOP, PHONE = (1280, 860), (390, 844)


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it; ``many`` also takes it on a phone and in the dark."""

    name: str
    who: str
    path: str
    many: bool = False


@dataclass(frozen=True)
class Places:
    """Addresses of what the demo class has."""

    student: str
    classroom: str
    talk: str
    corrected: str
    unhelpful: str


def pictures(places: Places) -> list[Picture]:
    """Return the main pages."""
    classroom = f"/admin/classes/{places.classroom}"
    return [
        Picture("question", "student", "/chat"),
        Picture("answer", "student", f"/chat/{places.talk}", many=True),
        Picture("correction", "student", f"/chat/{places.corrected}"),
        Picture("course", "student", "/knowledge", many=True),
        Picture("map", "student", "/knowledge/map", many=True),
        Picture("subtopic", "student", "/knowledge/optimisation/quantification", many=True),
        Picture("me", "student", "/me", many=True),
        Picture("class", "teacher", classroom),
        Picture("week", "teacher", f"{classroom}/week?period=month", many=True),
        Picture("conversations", "teacher", f"{classroom}/conversations", many=True),
        Picture("review-list", "teacher", f"{classroom}/review", many=True),
        Picture("review", "teacher", f"/admin/answers/{places.unhelpful}/review"),
        Picture("students", "teacher", f"{classroom}/students"),
        Picture("settings", "teacher", f"{classroom}/settings"),
        Picture("projector", "teacher", f"{classroom}/projector"),
        Picture("accounts", "admin", "/admin/accounts"),
        Picture("models", "admin", "/admin/models"),
        Picture("predictions", "admin", "/admin/predictions"),
        Picture("prompts", "admin", "/admin/prompts"),
    ]


def main(wanted: list[str]) -> None:
    """Take the pictures whose names are given, or all."""
    FOLDER.mkdir(exist_ok=True)
    with _demo_server() as (server, places), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        people = {"student": places.student, "teacher": words.TEACHER, "admin": "admin"}
        for who, name in people.items():
            shown = [picture for picture in pictures(places) if picture.who == who]
            chosen = [picture for picture in shown if not wanted or picture.name in wanted]
            if chosen:
                _take(browser, server, name, chosen)
        browser.close()


@contextmanager
def _demo_server() -> Iterator[tuple[Server, Places]]:
    with tempfile.TemporaryDirectory() as folder:
        server = make_server(Path(folder), PEDABOT_QUESTION_LIMIT="")
        server.start()
        try:
            server.command("demo")
            places = _places(server)
            for name in ("admin", words.TEACHER, places.student):
                server.command("user", "password", name, "--password-stdin", typed=PASSWORD + "\n")
            yield server, places
        finally:
            server.kill()
            with server.app.app_context():
                db.engine.dispose()


def _places(server: Server) -> Places:
    """Choose who and what is shown: somebody busy who was given a correction."""
    with server.app.app_context():
        corrected = (
            select(Conversation)
            .join(Conversation.messages)
            .join(Message.review)
            .where(Review.verdict == Verdict.CORRECTED)
            .order_by(Conversation.id)
        )
        told = db.session.scalars(corrected.limit(1)).one()
        busiest = (
            select(Conversation)
            .join(Conversation.messages)
            .where(Conversation.user_id == told.user_id, Message.in_scope.is_(True))
            .group_by(Conversation.id)
            .order_by(func.count().desc(), Conversation.id)
        )
        down = select(Message).join(Message.feedback).where(Feedback.helpful.is_(False))
        return Places(
            student=db.session.get_one(User, told.user_id).username,
            classroom=db.session.scalars(select(Classroom)).one().slug,
            talk=db.session.scalars(busiest.limit(1)).one().slug,
            corrected=told.slug,
            unhelpful=db.session.scalars(down.order_by(Message.id.desc()).limit(1)).one().slug,
        )


def _take(browser: Browser, server: Server, name: str, chosen: list[Picture]) -> None:
    for size, width_name in ((DESKTOP, "desktop"), (PHONE, "phone")):
        for scheme in ("light", "dark"):
            first = (width_name, scheme) == ("desktop", "light")
            shown = [picture for picture in chosen if first or picture.many]
            if shown:
                context = browser.new_context(
                    base_url=server.address,
                    viewport={"width": size[0], "height": size[1]},
                    color_scheme=scheme,
                    locale="fr-FR",
                    reduced_motion="reduce",
                )
                page = _signed_in(context, name)
                for picture in shown:
                    page.goto(picture.path, wait_until="networkidle")
                    page.screenshot(path=FOLDER / f"{picture.name}-{width_name}-{scheme}.png")
                context.close()


def _signed_in(context: BrowserContext, name: str) -> Page:
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/chat*")
    return page


if __name__ == "__main__":
    main(sys.argv[1:])
