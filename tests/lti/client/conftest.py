from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.orm import Session

from certify.lti.client.http import Client
from certify.lti.models import Registration
from tests.lti.client.places import Published, Tokens, make_registration
from tests.lti.client.serving import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """Give a platform that answers 404 to everything but what a test adds."""
    with serving() as server:
        yield server


@pytest.fixture
def tokens(server: Server) -> Tokens:
    """Give the token service of that platform."""
    return Tokens(server)


@pytest.fixture
def published(server: Server) -> Published:
    """Give the key set of that platform, with one key."""
    return Published(server, "first")


@pytest.fixture
def registration(session: Session, server: Server) -> Registration:
    """Give a registration with that platform."""
    return make_registration(session, server)


@pytest.fixture
def make_client() -> Iterator[Callable[..., Client]]:
    made = []

    def make(*, allow_insecure: bool = True, **seconds: float) -> Client:
        made.append(Client(allow_insecure=allow_insecure, version="1.2", **seconds))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def open_client(make_client: Callable[..., Client]) -> Client:
    return make_client(connect_seconds=0.5, read_seconds=0.5, whole_seconds=1)


@pytest.fixture
def guarded_client(make_client: Callable[..., Client]) -> Client:
    return make_client(allow_insecure=False, connect_seconds=0.5, read_seconds=0.5, whole_seconds=1)
