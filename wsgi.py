"""The entry for a WSGI server: ``gunicorn`` reads ``gunicorn.conf.py`` and finds this."""

import gc
import sys

# What is imported stays: to look through it again and again takes an eighth of the start.
gc.disable()

from pedabot import create_app  # noqa: E402
from pedabot.settings import ConfigurationError  # noqa: E402

try:
    app = create_app()
except ConfigurationError as error:
    sys.exit(f"PedaBot cannot start. {error}")
gc.freeze()
gc.enable()
