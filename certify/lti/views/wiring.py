"""What LTI needs around its views: refusals told in words, platforms that post without our token, small requests."""

from flask import Flask, request

from certify.core import web
from certify.core.db import lets_opening_write
from certify.lti.protocol.errors import LaunchRefused
from certify.lti.views import opening, protocol

LARGEST_LAUNCH = 256 * 1024
_POSTED_BY_PLATFORMS = (protocol.login, protocol.launch, protocol.launch_stored, opening.window)
_POSTED = frozenset({"lti.login", "lti.launch", "lti.launch_stored"})


def init_app(app: Flask) -> None:
    """Install it."""
    for view in _POSTED_BY_PLATFORMS:
        # Bound to a browser by their state, or to a page of ours by a signed token.
        web.csrf.exempt(view)
    app.register_error_handler(LaunchRefused, protocol.on_refusal)
    lets_opening_write("lti.login")
    app.add_template_global(opening.window_token, "window_token")
    app.before_request_funcs.setdefault(None, []).insert(0, _limit)


def _limit() -> None:
    if request.endpoint in _POSTED:
        request.max_content_length = LARGEST_LAUNCH
