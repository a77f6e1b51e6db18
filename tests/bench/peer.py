"""A peer, in a process and an environment of its own: see `tests.bench.peer_launching` and `peer_drawing`."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PYTHON = Path(".venv-peer/bin/python")


class Peer:
    """A running peer."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, wanted: Mapping[str, Any]) -> Any:
        """Return the peer's answer."""
        sent, answered = self._process.stdin, self._process.stdout
        assert sent is not None  # asked for below
        assert answered is not None
        sent.write(json.dumps(wanted) + "\n")
        sent.flush()
        return json.loads(answered.readline())


@contextmanager
def running_peer(given: Mapping[str, Any], program: str = "tests.bench.peer_launching") -> Iterator[Peer]:
    """Run a peer for as long as the block lasts; it begins with what it is given."""
    assert _PYTHON.exists(), "the peer is not installed: .ci/setup peer"
    with subprocess.Popen(
        [_PYTHON, "-m", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        peer = Peer(process)
        peer.ask(dict(given))
        yield peer
