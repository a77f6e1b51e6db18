"""An S3 server on the loopback interface, one for the whole run; each test gets a bucket of its own."""

import os
import sys
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.services.once import keep_until_end_of_run, once, run_folder, run_owner
from tests.services.processes import free_port, listens, start, wait_for

REGION = "us-east-1"


@dataclass(frozen=True)
class Bucket:
    """An empty bucket and how to reach it."""

    endpoint: str
    name: str
    access_key: str = "certify-tests"
    secret_key: str = "certify-tests-secret"

    @property
    def url(self) -> str:
        """Return the value of `CERTIFY_FILES_URL` that names this bucket."""
        return f"s3://{self.name}?endpoint={self.endpoint}&region={REGION}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables a process needs to open the bucket."""
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}

    @cached_property
    def client(self) -> Any:
        """Return a plain S3 client, to look at what was stored from outside the application."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )

    def keys(self) -> list[str]:
        """Return the keys of the stored objects, sorted."""
        return sorted(item["Key"] for item in self.client.list_objects_v2(Bucket=self.name).get("Contents", []))


def new_bucket() -> Bucket:
    """Make an empty bucket, starting the server if nobody did."""
    bucket = Bucket(once("s3", _start)["endpoint"], f"certify-{uuid.uuid4().hex[:12]}")
    bucket.client.create_bucket(Bucket=bucket.name)
    return bucket


def _start() -> dict[str, str]:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    # The server is quiet about requests, and refuses nothing for lack of a real account.
    environment = os.environ | {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    log = run_folder() / "s3.log"
    server = start("the S3 server", command, log=log, env=environment, owner=run_owner())
    keep_until_end_of_run("s3", server.keeper)
    wait_for(server, lambda: listens(port))
    return {"endpoint": f"http://127.0.0.1:{port}"}
