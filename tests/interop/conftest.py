"""The programs of others, started for a test and stopped after it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.driven_tool import SecondTool
from tests.interop.programs import running_program
from tests.services.lms import Platform, running_platform
from tests.services.processes import free_port


@pytest.fixture
def platform() -> Iterator[Platform]:
    """Give our own platform, which knows no tool yet."""
    with running_platform() as platform:
        yield platform


@pytest.fixture
def second_tool(platform: Platform, tmp_path: Path) -> Iterator[SecondTool]:
    """Give a tool made with another library, which our platform knows and which knows our platform."""
    port = free_port()
    client = {
        "client_id": platform.client_id,
        "auth_login_url": platform.authorization_url,
        "auth_token_url": platform.token_url,
        "key_set_url": platform.jwks_url,
        "deployment_ids": [platform.deployment_id],
    }
    env = {"PLATFORM": json.dumps({platform.issuer: client})}
    with running_program("second_tool", port=port, folder=tmp_path, env=env):
        platform.know(f"http://localhost:{port}")
        yield SecondTool(platform, f"http://localhost:{port}")
