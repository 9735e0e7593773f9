"""The entry for a WSGI server: ``gunicorn`` reads ``gunicorn.conf.py`` and finds this."""

import gc
import sys

# Before anything else is imported: what waits then lets the other requests go on (`greenlets`).
# The other commands of ``flask`` load this file too, and serve nothing.
if "gunicorn" in sys.modules or "serve" in sys.argv[1:]:
    from gevent import monkey

    monkey.patch_all()

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
