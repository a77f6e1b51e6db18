"""A trainee's whole file as a PDF: bookmarks, page numbers, language and title; the same words as its page."""

from functools import lru_cache
from io import BytesIO
from typing import Any

from flask import current_app
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject
from reportlab.pdfbase.ttfonts import TTFontFile
from sqlalchemy.orm import Session

from certify.cohorts.forms import ROUTES
from certify.cohorts.models import Enrolment
from certify.core import clock, pdf
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.evidence.queries import EvidenceState
from certify.organisations.models import Organisation
from certify.reports.services.exports import Order
from certify.reports.whole_file import WholeFile, whole_file

_FACES = ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSans-Italic.ttf")
_LAYOUT = frozenset("\n\r\t")
_UNDRAWABLE = "?"
STATES = {
    EvidenceState.SUBMITTED: _l("soumise"),
    EvidenceState.RETURNED: _l("à compléter"),
    EvidenceState.ACCEPTED: _l("acceptée"),
}
"""States of the evidence shown."""


def trainee_document(session: Session, order: Order) -> bytes:
    """Return the PDF of the whole file of an enrolment."""
    order.note(0, 2)
    enrolment = session.get_one(Enrolment, order.subject_id)
    file = whole_file(session, enrolment, made_at=clock.now())
    is_demo = session.get_one(Organisation, enrolment.training_body_id).is_demo
    order.note(1, 2)
    content = render(file, is_demo=is_demo)
    order.note(2, 2)
    return content


def shown(file: WholeFile) -> dict[str, Any]:
    """Return what the page and the document need beside the file itself."""
    return {"file": file, "routes": ROUTES, "evidence_states": STATES}


def render(file: WholeFile, *, is_demo: bool) -> bytes:
    """Return the document of a file, in the language of the job."""
    locale = current_locale()
    template = current_app.jinja_env.get_template("documents/trainee_file/document.html")
    html = template.render(**shown(file), is_demo=is_demo, locale=locale)
    return _named(pdf.render_html(printable(html)), locale)


def printable(text: str) -> str:
    """Replace what the fonts of documents cannot draw: one sign somebody typed must not keep a whole file unmade."""
    drawable = _drawable()
    return "".join(one if one in drawable else _UNDRAWABLE for one in text)


@lru_cache(maxsize=1)
def _drawable() -> frozenset[str]:
    faces = (TTFontFile(str(pdf.FONTS / face)).charToGlyph for face in _FACES)
    return frozenset.intersection(*(frozenset(map(chr, face)) for face in faces)) | _LAYOUT


def _named(content: bytes, locale: str) -> bytes:
    """Say the language of a document, and have readers show its title (PDF/UA, ISO 14289-1, 7.1 and 7.2)."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    writer.root_object[NameObject("/Lang")] = TextStringObject(locale)
    writer.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
