"""One effect per rendered form: a form sent twice, by a double click or twenty tabs, gets the first one's answer."""

import uuid
from datetime import datetime

from flask import Flask, Response, g, redirect, request
from sqlalchemy import String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from certify.core import clock
from certify.core.db import Base, db
from certify.core.types import UTCDateTime, new_id

FIELD = "_receipt"
_LONGEST_PATH = 400


class FormReceipt(Base):
    """The answer given to one rendered form."""

    __tablename__ = "form_receipt"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    """From the identifier made when the form was rendered, sent back with it, and the address it was sent to."""
    path: Mapped[str] = mapped_column(String(_LONGEST_PATH))
    location: Mapped[str] = mapped_column(Text)
    """Where the first sending was sent on to."""
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


def new_receipt() -> str:
    """Return the identifier of a form about to be rendered; a refused form keeps the one it came with."""
    return str(_sent_receipt() or new_id())


def _sent_receipt() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.form.get(FIELD, "")) if request.method == "POST" else None
    except ValueError:
        return None


def init_app(app: Flask) -> None:
    """Answer a form already answered, before its view runs or when it lost the race."""
    app.before_request(_answer_again)
    app.after_request(_answer_the_loser)


def _answer_again() -> Response | None:
    receipt = _sent_receipt()
    if receipt is None:
        return None
    # One form may have buttons for several addresses: at each it is another form.
    g.receipt = uuid.uuid5(receipt, request.path)
    return earlier_answer()


def earlier_answer() -> Response | None:
    """Return the answer the same form already got, if any."""
    receipt: uuid.UUID | None = g.get("receipt")
    row = db.session.get(FormReceipt, receipt) if receipt else None
    if row is None:
        return None
    answer = redirect(row.location, code=303)
    assert isinstance(answer, Response)  # narrows werkzeug's type
    return answer


def note_answer(response: Response) -> None:
    """Remember the answer of this form, in the transaction of its effect: of two at once, one breaks on the key."""
    receipt: uuid.UUID | None = g.pop("receipt", None)
    if receipt is not None and response.status_code == 303:
        path = request.path[:_LONGEST_PATH]
        db.session.add(FormReceipt(id=receipt, path=path, location=response.location, at=clock.now()))
        g.receipt = receipt


def _answer_the_loser(response: Response) -> Response:
    """Give a form refused because its twin, sent at the same moment, was accepted, the answer of its twin."""
    if response.status_code not in (409, 422) or g.get("receipt") is None:
        return response
    db.session.rollback()
    return earlier_answer() or response
