"""Fixtures of tests with several processes."""

from collections.abc import Iterator

import pytest
from flask import Flask

from certify.core import jobs


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """Give the application of the test itself, beside the processes it starts, and close its queue at the end."""
    yield app
    app.extensions[jobs.EXTENSION].storage.close()
