"""Starting the verifiers of others, with the Node that has them installed."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services.processes import ROOT, ServiceMissing

_INSTALLED = ROOT / ".venv-interop" / "badges"
_NODE = ROOT / ".venv-interop" / "bin" / "node"
_SECONDS = 60


@dataclass(frozen=True)
class Verifiers:
    """Programs that read our badges; they believe one authority and reach this machine alone."""

    authority: Path

    def credential(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return what @digitalcredentials/verifier-core, of the Learner Credential Wallet, says of a JSON badge."""
        return self._run("verify_credential", document)

    def token(self, token: str, jwks: str) -> dict[str, Any]:
        """Return what jose says of a JWT badge and of the lists it points at."""
        return self._run("verify_token", {"token": token, "jwks": jwks})

    def _run(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        if not (_INSTALLED / "node_modules").exists():
            raise ServiceMissing(
                "the verifiers of badges are not installed: `make test` or `.ci/setup interop` does it"
            )
        program = "\n".join(
            Path(__file__).with_name(f"{part}.mjs").read_text(encoding="utf-8") for part in ("nearby", name)
        )
        # Given as text, the program finds its packages where it runs, not where it is kept.
        done = subprocess.run(
            [_NODE, "--input-type=module", "--eval", program], cwd=_INSTALLED, input=json.dumps(given),
            env={"NODE_EXTRA_CA_CERTS": str(self.authority), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
            timeout=_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise AssertionError(f"{name} failed:\n{done.stdout}{done.stderr}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
