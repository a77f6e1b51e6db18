"""Badges: the one of a certificate, made by the jobs as it is made for good."""

from collections.abc import Callable, Iterable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.badges import queries
from certify.badges.models import Badge
from certify.certificates.queries import Certificate
from tests.factories.juries import Prepared, make_certificate


def make_badge(
    session: Session, run_jobs: Callable[[], int], prepared: Prepared | None = None, **holder: object
) -> tuple[Certificate, Badge]:
    """Issue a certificate and do what follows; return it with its badge."""
    certificate = make_certificate(session, prepared, **holder)
    session.commit()
    run_jobs()
    session.expire_all()
    badge = queries.badge_of(session, certificate.id)
    assert badge is not None
    return certificate, badge


def downloading(client: FlaskClient, public_url: str) -> Callable[[str], bytes]:
    """Return what fetches an address for a verifier: this application's own addresses, and no other."""

    def download(address: str, *_rest: object, **_options: object) -> bytes:
        # did:web always means HTTPS; the addresses written in badges are those of the settings.
        path = address.replace("https://", "http://", 1).removeprefix(public_url.replace("https://", "http://", 1))
        assert path.startswith("/"), f"{address} is not ours"
        answer = client.get(path)
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"
        return bytes(answer.data)

    return download


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Return which of these words stand in a text."""
    return [name for name in names if name in text]
