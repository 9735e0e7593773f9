"""The parts that the tests share: an application on a database of its own, and the fixed cast.

The cast: ``teacher`` owns the class, ``colleague`` is on its team, ``stranger`` has another class;
``student`` and ``classmate`` are in the class, ``outsider`` is in the stranger's class.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import people
from pedabot.storage.people import Classroom, Membership, Role, User
from pedabot.teaching.passwords import hash_password
from pedabot.teaching.processing import notice_version
from tests import databases
from tests.mistral_server import MistralServer

SECRET = "a secret for the tests, long enough to be accepted"
PASSWORD = "correct horse battery"
PASSWORD_HASH = hash_password(PASSWORD)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requests", default=500, help="how many the fuzzing sends", type=int)


def settings(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of an application whose instance is in a folder of the test."""
    return {
        "FLASK_INSTANCE_PATH": str(folder),
        "SECRET_KEY": SECRET,
        "PEDABOT_QUESTION_LIMIT": "1000 per minute",
        **databases.settings_of(folder),
        **more,
    }


def settings_with_model(folder: Path, api: MistralServer, **more: str) -> dict[str, str]:
    """Return the same with a model that answers from a server of the test."""
    model = {
        "MISTRAL_API_KEY": "key",
        "MISTRAL_SERVER_URL": api.url,
        "PEDABOT_FIRST_TOKEN_TIMEOUT": "60",  # the first call of a process loads the SDK
    }
    return settings(folder, **{**model, **more})


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a database that was brought to the newest migration, once for all tests."""
    return databases.make_template(tmp_path_factory.mktemp("migrated"))


@pytest.fixture
def instance(tmp_path: Path, migrated_database: Path) -> Iterator[Path]:
    """An instance folder with an empty, migrated database."""
    yield from databases.fresh_instance(tmp_path, migrated_database)


@pytest.fixture
def api() -> Iterator[MistralServer]:
    """A server that speaks the protocol of Mistral, with no answer to give yet."""
    with MistralServer() as server:
        yield server


@pytest.fixture
def environ(instance: Path) -> dict[str, str]:
    """The settings of the test's application; a test module may override this fixture."""
    return settings(instance)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once for all tests, not once for each application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(environ: dict[str, str], compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The application, as in production but for its settings."""
    app = create_app(environ)
    app.jinja_env.bytecode_cache = compiled_templates
    app.config["WTF_CSRF_ENABLED"] = False  # the tests of forgery turn it on again
    yield app
    app.extensions["pedabot_chains"].engines.close()
    app.extensions["pedabot_semantics"].close()
    app.extensions["pedabot_jobs"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An application context for tests below the web."""
    with app.app_context():
        yield


@dataclass(frozen=True)
class Cast:
    """Slugs and names of everybody, free of any database session."""

    classroom: str
    other_classroom: str
    join_code: str
    slugs: dict[str, str]


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Everybody, with the password ``PASSWORD``; all have read the privacy notice."""
    with app.app_context():
        users = {
            name: people.add_user(name, role, PASSWORD_HASH)
            for name, role in {
                "admin": Role.ADMIN,
                "teacher": Role.TEACHER,
                "colleague": Role.TEACHER,
                "stranger": Role.TEACHER,
                "student": Role.STUDENT,
                "classmate": Role.STUDENT,
                "outsider": Role.STUDENT,
            }.items()
        }
        for user in users.values():
            people.acknowledge(user, notice_version(app.config))
        classroom = people.add_class("BTS SIO 2", users["teacher"])
        other = people.add_class("BTS SIO 1", users["stranger"])
        _add_members(classroom, [users["student"], users["classmate"]])
        _add_members(other, [users["outsider"]])
        classroom.memberships.append(Membership(user=users["colleague"], teaches=True))
        db.session.commit()
        return Cast(
            classroom.slug,
            other.slug,
            classroom.join_code,
            {name: user.slug for name, user in users.items()},
        )


def _add_members(classroom: Classroom, students: list[User]) -> None:
    classroom.memberships += [Membership(user=student) for student in students]


class Visitor(FlaskClient):
    """A browser without JavaScript, on an HTTPS site."""

    def sign_in(self, name: str) -> Visitor:
        """Sign in as somebody of the cast."""
        response = self.post("/sign-in", data={"username": name, "password": PASSWORD})
        assert response.status_code == 303, response.text
        return self


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(app: Flask, cast: Cast) -> Visit:
    """Open a browser, signed in as somebody of the cast or not at all."""
    app.test_client_class = Visitor

    def open_browser(name: str = "") -> Visitor:
        client = app.test_client()
        assert isinstance(client, Visitor)
        client.environ_base["wsgi.url_scheme"] = "https"
        return client.sign_in(name) if name else client

    return open_browser


COURSE = {
    "topics": [
        {
            "id": "optimisation",
            "title": "Optimisation des modèles",
            "subtopics": [
                {
                    "id": "quantification",
                    "title": "Quantification",
                    "difficulty": "intermediate",
                    "summary": "La quantification stocke les poids sur moins de bits.",
                    "content": "La quantification passe les poids de float32 à int8.",
                    "simpler": "On arrondit les nombres du modèle, comme des prix.",
                    "deeper": "Une échelle $s$ et un zéro $z$ : $q = round(x / s) + z$.",
                    "key_points": ["De float32 à int8.", "Jusqu'à 4 fois plus petit."],
                    "examples": ["**Un exemple**\n\n```python\nprint(round(12.97))\n```"],
                    "aliases": ["quantization", "int8"],
                    "questions": ["C'est quoi la quantification ?", "Pourquoi passer en int8 ?"],
                    "related": ["elagage"],
                },
                {
                    "id": "elagage",
                    "title": "Élagage (pruning)",
                    "difficulty": "advanced",
                    "summary": "L'élagage retire les connexions les moins utiles.",
                    "content": "L'élagage supprime 50 à 90 % des connexions du réseau.",
                    "key_points": ["On retire les poids proches de zéro."],
                    "examples": ["On coupe les branches mortes d'un arbre."],
                    "aliases": ["pruning"],
                    "questions": ["À quoi sert l'élagage ?"],
                },
            ],
        },
        {
            "id": "cnn",
            "title": "Réseaux de neurones convolutifs",
            "subtopics": [
                {
                    "id": "convolution",
                    "title": "Opération de convolution",
                    "difficulty": "beginner",
                    "content": "Un noyau glisse sur l'image et calcule des sommes pondérées.",
                    "examples": ["Un noyau 3x3 détecte les bords d'une image."],
                }
            ],
        },
    ]
}


@pytest.fixture
def course_file(tmp_path: Path) -> Path:
    """A small course with three notions, as a file."""
    path = tmp_path / "course.json"
    path.write_text(json.dumps(COURSE), encoding="utf-8")
    return path
