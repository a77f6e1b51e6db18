"""What other rooms add to the public page of a certificate, without this one knowing them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from certify.certificates.models import Certificate


@dataclass(frozen=True)
class PublicLink:
    """Something anybody may read beside a certificate, such as the badge its holder published."""

    label: Any
    """What it is, in words."""
    address: str
    """Path on this installation."""
    sign: str = "award"
    """Name of the icon."""


Finder = Callable[[Session, Certificate], Iterable[PublicLink]]
_FINDERS: list[Finder] = []


def links_from(find: Finder) -> Finder:
    """Register a function that returns the links of one certificate, in one statement at most."""
    _FINDERS.append(find)
    return find


def links_of(session: Session, certificate: Certificate) -> list[PublicLink]:
    """Return everything the other rooms publish beside a certificate."""
    return [link for find in _FINDERS for link in find(session, certificate)]
