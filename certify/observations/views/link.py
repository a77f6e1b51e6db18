"""What a link in a mail opens: no account, one purpose, and nothing said of anybody once it is closed."""

from flask import Response, after_this_request, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import web
from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.core.throttle import Throttle
from certify.observations import queries, services
from certify.observations.policies import RequestState
from certify.observations.queries import Asked
from certify.observations.views import answering
from certify.observations.views.answering import Door

MISSES_PER_MINUTE = 30
"""Links that lead nowhere, from one network address, before the answer is to wait."""
misses = Throttle(MISSES_PER_MINUTE)
_ANSWERED = (RequestState.ANSWERED, RequestState.TO_SIGN, RequestState.CONTESTED)


@requires(PUBLIC)
def answer(token: str) -> ResponseReturnValue:
    """Answer criterion by criterion."""
    found = _knock(token)
    if not isinstance(found, Asked):
        return found
    services.open_link(db.session, found)
    return answering.write(found, _door(token))


@requires(PUBLIC)
def autosave(token: str) -> ResponseReturnValue:
    """Keep what is ticked and typed."""
    found = _knock(token)
    return answering.autosave(found) if isinstance(found, Asked) else found


@requires(PUBLIC)
def review(token: str) -> ResponseReturnValue:
    """Read again and sign."""
    found = _knock(token)
    return answering.read_again(found, _door(token)) if isinstance(found, Asked) else found


@requires(PUBLIC)
def thanks(token: str) -> ResponseReturnValue:
    """Say that the answer is signed, and what happens next."""
    found = _find(token)
    if found is None or found.state not in _ANSWERED:
        return _closed(found)
    return render_template("observations/thanks.html", token=token, has_copy=bool(found.request.referent_email))


@requires(PUBLIC)
def contest(token: str) -> ResponseReturnValue:
    """Let somebody say that this answer is not theirs; opening the page changes nothing, the button does."""
    found = _find(token)
    if found is None or found.state not in _ANSWERED:
        return _closed(found)
    if request.method == "POST":
        services.contest(db.session, found)
        return redirect(url_for("observations.contest", token=token), code=303)
    is_contested = found.state is RequestState.CONTESTED
    return render_template("observations/contest.html", token=token, is_contested=is_contested)


@requires(PUBLIC)
def decline(token: str) -> ResponseReturnValue:
    """Let somebody say that they are not the right person; opening the page changes nothing, the button does."""
    found = _knock(token)
    if not isinstance(found, Asked):
        return found
    if request.method == "POST":
        services.decline(db.session, found)
        return render_template("observations/declined.html")
    return render_template("observations/decline.html", found=found, token=token)


def _door(token: str) -> Door:
    answering_at, saving_at, reading_at, thanking_at, declining_at = (
        url_for(f"observations.{page}", token=token) for page in ("answer", "autosave", "review", "thanks", "decline")
    )
    return Door(answering_at, saving_at, reading_at, thanking_at, declining_at, token)


def _knock(token: str) -> Asked | ResponseReturnValue:
    """Return the request that waits for an answer behind a link, or the page that says why there is none."""
    found = _find(token)
    return found if found is not None and found.state is RequestState.WAITING else _closed(found)


def _find(token: str) -> Asked | None:
    after_this_request(_kept_private)
    return queries.of_secret(db.session, token)


def _closed(found: Asked | None) -> ResponseReturnValue:
    if found is None and not misses.lets_in(request.remote_addr or ""):
        return render_template("errors/429.html", message="", status=429), 429
    state = "unknown" if found is None else "answered" if found.state in _ANSWERED else found.state.value
    written = [text for name, text in request.form.items() if name.startswith("comment") and text.strip()]
    page = render_template("observations/closed.html", state=state, written=written)
    return page, 404 if found is None else 410


def _kept_private(response: Response) -> Response:
    """Keep the page out of search engines, and its address out of what other sites are told."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


# The secret in the address stands for the token: the link is opened by mail programs that keep no cookie.
for _view in (answer, autosave, review, contest, decline):
    web.csrf.exempt(_view)
