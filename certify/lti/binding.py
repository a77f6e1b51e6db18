"""A launch comes back to the browser that began it: a cookie of its own, or a value the platform keeps for us.

Without either there is no launch (LTI client-side postMessage storage; RFC 6265bis for the cookie's prefix).
"""

from flask import Response, request

from certify.lti.services.launching import LOGIN_LASTS

HERE = "__Host-lti-here"
"""Says that this browser keeps our cookies in this frame."""
_SHOWN = 12


def set_cookie(response: Response, state: str) -> None:
    """Bind a login to this browser."""
    response.headers.add("Set-Cookie", header(state))


def is_bound(state: str) -> bool:
    """Whether this browser is the one that began the login of a state."""
    return bool(state) and request.cookies.get(cookie_of(state)) == state


def forget(response: Response, state: str) -> None:
    """Remove the cookie of a login that came back."""
    response.headers.add("Set-Cookie", header(state, is_over=True))


def try_cookies(response: Response) -> None:
    """Set a cookie to see whether this browser gives it back."""
    response.headers.add("Set-Cookie", _cookie(HERE, "1", 365 * 86_400))


def keeps_cookies() -> bool:
    """Whether this browser gave our cookie back."""
    return HERE in request.cookies


def is_framed(destination: str) -> bool:
    """Whether a page will be shown in a frame, by `Sec-Fetch-Dest`; browsers that do not say get what works in both."""
    return destination != "document"


def is_surely_framed(destination: str) -> bool:
    """Whether the browser says that a page will be shown in a frame."""
    return destination in ("iframe", "frame")


def destination() -> str:
    """Return what the browser says that the page of this request is for."""
    return request.headers.get("Sec-Fetch-Dest", "")


def cookie_of(state: str) -> str:
    """Return the name of the cookie of a login; several logins may be under way in several tabs."""
    return f"__Host-lti-{state[:_SHOWN]}"


def header(state: str, *, is_over: bool = False) -> str:
    """Return the `Set-Cookie` header that binds a login to its browser, or that ends it."""
    return _cookie(cookie_of(state), "" if is_over else state, 0 if is_over else int(LOGIN_LASTS.total_seconds()))


def _cookie(name: str, value: str, seconds: int) -> str:
    # Partitioned, or a frame gets no cookie at all; None, since the answer is posted from the platform's site.
    return f"{name}={value}; Secure; HttpOnly; Max-Age={seconds}; Path=/; SameSite=None; Partitioned"
