"""A test client whose requests live in a world of their own, as a browser's do."""

import contextvars
from collections.abc import Callable
from typing import Any, TypeVar

from flask import has_app_context
from flask.testing import FlaskClient

from certify.core import clock
from certify.core.db import db

T = TypeVar("T")


def apart(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call a function outside the test's own context and transaction, at the moment the test pretends it is."""
    if has_app_context():
        db.session.commit()
    context = contextvars.Context()
    context.run(clock._pretended.set, clock._pretended.get())
    return context.run(function, *args, **kwargs)


class SeparateClient(FlaskClient):
    """Sends each request outside the test's own context and transaction.

    Flask would otherwise lend the request the test's context, with its session and its `g`: what one request left would
    be seen by the next. What the test prepared is committed first, since a request could not see it otherwise, and
    SQLite would have it wait for ever.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send one request."""
        return apart(super().open, *args, **kwargs)
