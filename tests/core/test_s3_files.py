"""One contract for the object store, kept by a folder and by S3 alike."""

import hashlib
import io
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from certify.core import files
from certify.core.errors import Unavailable
from certify.core.types import new_id
from certify.settings import Settings
from tests.factories.logbook import pdf
from tests.services.s3_server import Bucket


@pytest.fixture(params=["folder", "s3", "s3 with a prefix"])
def store_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "folder":
        return ""
    bucket: Bucket = request.getfixturevalue("s3")
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    return bucket.url.replace("?", "/certify/production?") if "prefix" in request.param else bucket.url


@pytest.fixture
def store(settings: Settings, store_url: str, make_app: Callable[[Settings], Flask]) -> Iterator[None]:
    app = make_app(settings.model_copy(update={"files_url": store_url}))
    with app.app_context():
        yield


def stored_keys() -> list[str]:
    return sorted(item["path"] for page in files.store().list() for item in page)


@pytest.mark.engines("sqlite")
@pytest.mark.usefixtures("store")
class TestStore:
    def test_what_is_deposited_is_read_back_with_its_facts(self) -> None:
        stored = files.deposit(io.BytesIO(pdf()), "C:\\Photos\\Affiche de juin.pdf")
        assert files.read(stored.key) == pdf()
        assert stored.sha256 == hashlib.sha256(pdf()).hexdigest()
        assert (stored.filename, stored.size, stored.media_type) == (
            "Affiche de juin.pdf",
            len(pdf()),
            "application/pdf",
        )

    def test_each_kind_of_file_has_its_folder_and_no_word_of_its_name(self) -> None:
        evidence = files.deposit(io.BytesIO(pdf()), "Affiche.pdf")
        minutes = files.keep(pdf(), "procès-verbal.pdf", "application/pdf", folder="minutes")
        assert stored_keys() == sorted([evidence.key, minutes.key])
        assert evidence.key.startswith("evidence/")
        assert minutes.key.startswith("minutes/")
        assert "ffiche" not in evidence.key
        assert "proc" not in minutes.key

    def test_a_job_that_begins_again_keeps_the_document_first_made(self) -> None:
        identity = new_id()
        first = files.keep(b"made first", "a.pdf", "application/pdf", folder="certificates", identity=identity)
        again = files.keep(
            b"made again, otherwise", "a.pdf", "application/pdf", folder="certificates", identity=identity
        )
        assert again == first
        assert files.read(first.key) == b"made first"
        assert len(stored_keys()) == 1

    def test_a_large_file_comes_back_whole(self) -> None:
        content = bytes(range(256)) * 40_000
        assert files.read(files.keep(content, "a.bin", "application/octet-stream", folder="evidence").key) == content

    def test_a_missing_file_is_a_refusal_a_person_can_read(self) -> None:
        with pytest.raises(Unavailable, match="ne peut pas être lu pour le moment"):
            files.read("evidence/absent")


@pytest.mark.engines("sqlite")
def test_a_bucket_that_does_not_exist_is_said_as_a_store_that_does_not_answer(
    settings: Settings, s3: Bucket, make_app: Callable[[Settings], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    app = make_app(settings.model_copy(update={"files_url": s3.url.replace(s3.name, "no-such-bucket")}))
    with app.app_context(), pytest.raises(Unavailable, match="Rien n’est perdu"):
        files.deposit(io.BytesIO(pdf()), "affiche.pdf")
