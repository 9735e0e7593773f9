"""The entry for a WSGI server: ``gunicorn`` reads ``gunicorn.conf.py`` and finds this."""

import sys

from pedabot import create_app
from pedabot.settings import ConfigurationError

try:
    app = create_app()
except ConfigurationError as error:
    sys.exit(f"PedaBot cannot start. {error}")
