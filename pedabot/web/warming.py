"""What the first question would wait for, done before it comes."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from pedabot.extensions import db
from pedabot.greenlets import giving_way


def warm_up(app: Flask) -> None:
    """Compile the templates of a conversation, and let the tutor get ready; changes nothing."""
    names = app.jinja_env.list_templates(filter_func=lambda name: name.startswith("chat/"))
    for name in giving_way(names):
        app.jinja_env.get_template(name)
    with app.app_context():
        try:
            app.extensions["pedabot_delivery"].warm_up()
        except SQLAlchemyError as error:  # the first question will say so, or find it mended
            app.logger.warning("not ready before the first question: %s", type(error).__name__)
        finally:
            db.session.remove()
