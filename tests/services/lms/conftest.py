"""A platform and a tool that says whatever a test wants."""

from collections.abc import Iterator

import pytest

from tests.services.lms import Platform, running_platform
from tests.services.lms.plain_tool import PlainTool


@pytest.fixture
def platform() -> Iterator[Platform]:
    """Give a platform."""
    with running_platform() as platform:
        yield platform


@pytest.fixture
def tool(platform: Platform) -> Iterator[PlainTool]:
    """Give a tool that the platform knows."""
    tool = PlainTool(platform)
    yield tool
    tool.close()
