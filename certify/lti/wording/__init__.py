"""What LTI refuses or cannot do, in words: for who opened the page, and for who administers the platform."""

from certify.lti.wording.answers import REGISTRATION, SCORES, UNREACHABLE
from certify.lti.wording.refusals import LAUNCHES
from certify.lti.wording.words import Words, unknown

__all__ = ["Words", "of_launch", "of_registration", "of_score", "of_unreachable"]


def of_launch(code: str) -> Words:
    """Return the words of a broken rule of a launch."""
    return LAUNCHES.get(code) or unknown(code)


def of_registration(code: str) -> Words:
    """Return the words of what a registration asked by a platform lacks."""
    return REGISTRATION.get(code) or UNREACHABLE.get(code) or unknown(code)


def of_unreachable(reason: str) -> Words:
    """Return the words of a platform that could not be asked."""
    return UNREACHABLE.get(reason) or unknown(reason)


def of_score(reason: str) -> Words:
    """Return the words of a grade that the platform will not take."""
    return SCORES.get(reason) or UNREACHABLE.get(reason) or unknown(reason)
