"""A test client whose requests live in a world of their own, as a browser's do."""

import contextvars
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient

from certify.core.db import db


class SeparateClient(FlaskClient):
    """Sends each request outside the test's own context and transaction.

    Flask would otherwise lend the request the test's context, with its session and its `g`: what one request left would
    be seen by the next. What the test prepared is committed first, since a request could not see it otherwise, and
    SQLite would have it wait for ever.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send one request."""
        if has_app_context():
            db.session.commit()
        return contextvars.Context().run(super().open, *args, **kwargs)
