"""Pieces of a portfolio, recordings to put in it, and big files on their way."""

import io
import struct
from typing import Any

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core.access import Actor
from certify.evidence import services
from certify.evidence.models import EvidenceItem, EvidenceKind, Upload
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import make_trainer, photo, trainee_of
from tests.factories.people import actor_of

PLACE = b"+48.8566+002.3522/"


def author_of(session: Session, enrolment: Enrolment) -> Actor:
    """Return the trainee as the one who acts."""
    return actor_of(session, trainee_of(session, enrolment))


def reader_of(session: Session, enrolment: Enrolment) -> Actor:
    """Return a new trainer of the trainee's training body as the one who acts."""
    return actor_of(session, make_trainer(session, enrolment))


def make_text(
    session: Session, enrolment: Enrolment | None = None, reflections: dict[str, str] | None = None, **values: Any
) -> EvidenceItem:
    """Make a text of the portfolio, ready to be handed in."""
    enrolment = enrolment or make_enrolment(session)
    actor = author_of(session, enrolment)
    said = {"title": "Ce que la veille a changé", "account": "J’ouvre maintenant par un temps de silence."} | values
    item = services.add_text(session, actor, enrolment, **said)
    session.flush()
    linked = {"1.1.1": "Je pose le cadre sans parler à la place des parents."} if reflections is None else reflections
    services.amend(session, actor, enrolment, item, reflections=linked, **said)
    session.flush()
    return item


def make_piece(
    session: Session,
    enrolment: Enrolment | None = None,
    content: bytes | None = None,
    filename: str = "salle.jpg",
    reflections: dict[str, str] | None = None,
) -> EvidenceItem:
    """Make a file of the portfolio, ready to be handed in."""
    enrolment = enrolment or make_enrolment(session)
    actor = author_of(session, enrolment)
    item, _is_new = services.add_file(
        session, actor, enrolment, stream=io.BytesIO(content or photo()), filename=filename, title="La salle"
    )
    session.flush()
    linked = {"1.1.1": ""} if reflections is None else reflections
    services.amend(session, actor, enrolment, item, title=item.title, account="", reflections=linked)
    session.flush()
    return item


def hand_in(session: Session, item: EvidenceItem) -> EvidenceItem:
    """Hand a piece in as its author."""
    enrolment = session.get_one(Enrolment, item.enrolment_id)
    services.submit(session, author_of(session, enrolment), enrolment, item, faces_checked=True)
    session.flush()
    return item


def make_proposed(session: Session, enrolment: Enrolment | None = None, **values: Any) -> EvidenceItem:
    """Make a piece that another room proposes."""
    enrolment = enrolment or make_enrolment(session)
    said: dict[str, Any] = {
        "kind": EvidenceKind.COMPUTED, "title": "Seize rencontres tenues", "links": {"1.1.1": ""},
        "facts": {"held": 16},
    } | values  # fmt: skip
    item = services.propose(session, author_of(session, enrolment), enrolment, **said)
    session.flush()
    return item


def make_upload(session: Session, enrolment: Enrolment | None = None, **values: Any) -> Upload:
    """Make a big file that was announced and of which nothing came yet."""
    enrolment = enrolment or make_enrolment(session)
    said = {"filename": "rencontre.mp4", "size": 12_000_000} | values
    upload = services.begin_upload(session, author_of(session, enrolment), enrolment, **said)
    session.flush()
    return upload


def video(size: int = 4000, *, place: bytes = PLACE, brand: bytes = b"isom") -> bytes:
    """Make the bytes of a video of about so many bytes, which says where it was taken in several places."""
    named = _box(b"udta", _box(b"\xa9xyz", struct.pack(">HH", len(place), 0) + place))
    keyed = _box(b"meta", b"\0\0\0\0" + place)
    pictures = _box(b"trak", _box(b"mdia", _handler(b"vide")) + named)
    path = _box(b"trak", _box(b"mdia", _handler(b"meta")) + _box(b"tref", place))
    moov = _box(b"moov", _box(b"mvhd", bytes(100)) + pictures + path + named + keyed)
    head = _box(b"ftyp", brand + bytes(4) + brand) + moov
    return head + _box(b"mdat", _noise(max(16, size - len(head) - 8)))


def sound(size: int = 2000) -> bytes:
    """Make the bytes of a sound."""
    body = _noise(size)
    return b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack(
        "<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8
    ) + b"data" + struct.pack("<I", len(body)) + body  # fmt: skip


def _handler(kind: bytes) -> bytes:
    return _box(b"hdlr", bytes(8) + kind + bytes(12) + b"\0")


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _noise(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]
