"""A launch comes back to the browser that began it: a cookie of its own, or a value the platform keeps for us.

Without either there is no launch (LTI client-side postMessage storage; RFC 6265bis for the cookie's prefix).
"""

from flask import Response, request

from certify.lti.services.launching import LOGIN_LASTS

HERE = "__Host-lti-here"
"""Says that this browser keeps our cookies in this frame."""
STORED_KEY = "certify-"
_SHOWN = 12


def set_cookie(response: Response, state: str) -> None:
    """Bind a login to this browser."""
    _set(response, cookie_of(state), state, int(LOGIN_LASTS.total_seconds()))


def is_bound(state: str) -> bool:
    """Whether this browser is the one that began the login of a state."""
    return bool(state) and request.cookies.get(cookie_of(state)) == state


def forget(response: Response, state: str) -> None:
    """Remove the cookie of a login that came back."""
    _set(response, cookie_of(state), "", 0)


def try_cookies(response: Response) -> None:
    """Set a cookie to see whether this browser gives it back."""
    _set(response, HERE, "1", 365 * 86_400)


def keeps_cookies() -> bool:
    """Whether this browser gave our cookie back."""
    return HERE in request.cookies


def is_in_a_frame() -> bool:
    """Whether the page will be shown in a frame; browsers that do not say get what works in both."""
    return request.headers.get("Sec-Fetch-Dest", "") != "document"


def is_surely_in_a_frame() -> bool:
    """Whether the browser says that the page will be shown in a frame."""
    return request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame")


def cookie_of(state: str) -> str:
    """Return the name of the cookie of a login; several logins may be under way in several tabs."""
    return f"__Host-lti-{state[:_SHOWN]}"


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    # Partitioned, or a frame gets no cookie at all; None, since the answer is posted from the platform's site.
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="None", partitioned=True
    )
