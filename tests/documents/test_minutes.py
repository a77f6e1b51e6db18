import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import files
from certify.core.outbox import OutboxMessage
from certify.juries import queries, tasks
from tests.factories.juries import NOT_ACQUIRED, closed, make_jury, make_published_jury, published


def words_of(session: Session, jury_id: object) -> str:
    session.expire_all()
    minutes = queries.minutes_of(session, jury_id)  # type: ignore[arg-type]
    assert minutes is not None
    reader = PdfReader(io.BytesIO(files.read(minutes.storage_key)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_minutes_say_all_their_facts(session: Session, run_jobs: Callable[[], int]) -> None:
    made = make_published_jury(session, 2, b4=NOT_ACQUIRED)
    facts = queries.minutes_of(session, made.jury.id).facts  # type: ignore[union-attr]
    run_jobs()
    words = words_of(session, made.jury.id)
    said = [facts["certifier"], facts["reference"], facts["place"], facts["certification"], facts["digest"]]
    said += [member["name"] for member in facts["members"]] + [one["name"] for one in facts["candidates"]]
    said += [block["title"] for block in facts["candidates"][0]["blocks"]]
    said += ["Certification partiellement obtenue", "Motif écrit par le jury.", "présidence du jury", "non acquis"]
    for one in said:
        assert one in words
    assert "émonstration" not in words
    assert not [claim for claim in ("RNCP", "CPF", "France compétences") if claim in words]


def test_minutes_are_printed_once(session: Session, run_jobs: Callable[[], int]) -> None:
    made = make_published_jury(session)
    run_jobs()
    session.expire_all()
    minutes = queries.minutes_of(session, made.jury.id)
    assert minutes is not None
    first = (minutes.storage_key, minutes.sha256, minutes.rendered_at)
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "jury.minutes.complete")).one()
    message.done_at = None
    run_jobs()
    session.refresh(minutes)
    assert (minutes.storage_key, minutes.sha256, minutes.rendered_at) == first
    assert tasks.print_minutes(session, str(minutes.id)) is None


@pytest.mark.engines("sqlite")
def test_minutes_of_a_demonstration_say_so_on_every_page(session: Session, run_jobs: Callable[[], int]) -> None:
    made = make_jury(session, 12)
    made.body.is_demo = True
    published(session, closed(session, made, b1=NOT_ACQUIRED))
    run_jobs()
    session.expire_all()
    minutes = queries.minutes_of(session, made.jury.id)
    assert minutes is not None
    pages = PdfReader(io.BytesIO(files.read(minutes.storage_key))).pages
    assert len(pages) > 2
    assert all("émonstration" in page.extract_text() for page in pages)


@pytest.mark.engines("sqlite")
def test_what_a_jury_types_is_printed_as_text(session: Session, run_jobs: Callable[[], int]) -> None:
    made = make_jury(session, place="<b>Lille</b> & alentours")
    published(session, closed(session, made))
    run_jobs()
    assert "<b>Lille</b> & alentours" in words_of(session, made.jury.id)
