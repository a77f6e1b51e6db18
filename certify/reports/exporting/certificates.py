"""Certificates to take away: the stored documents of a session as an archive, the register of a body as a workbook."""

from io import BytesIO

from sqlalchemy.orm import Session

from certify.certificates import queries
from certify.certificates.queries import Line
from certify.core import clock, files
from certify.core.files import safe_name
from certify.core.i18n import gettext as _
from certify.juries.queries import JurySession, awards_of
from certify.organisations.models import Organisation
from certify.reports.exporting.archives import Archive
from certify.reports.exporting.workbooks import HEAD, opened_workbook, write_row
from certify.reports.services.exports import Order

_NOTED_EVERY = 200
_WIDTHS = (16, 30, 22, 40, 14, 14, 16, 14, 14, 12, 20, 34)


def certificates_of_session(session: Session, order: Order) -> bytes:
    """Return the stored documents of a session, byte for byte; those not made yet are left out, and named."""
    jury = session.get_one(JurySession, order.subject_id)
    # As the session's page: a decision taken again that changes nothing is answered by what was issued before.
    issued = {one.id: one for one in queries.certificates_of_awards(session, awards_of(session, jury)).values()}
    made = sorted((one for one in issued.values() if one.storage_key), key=lambda one: one.number)
    missing = sorted(one.number for one in issued.values() if not one.storage_key)
    with Archive({"jury": jury.reference, "not_made_yet": missing}, clock.now()) as archive:
        for number, one in enumerate(made, 1):
            name = safe_name(f"{one.number}-{one.holder_name}.pdf")
            archive.add(name, files.read(one.storage_key), number=one.number, code=one.code, stored_sha256=one.sha256)
            order.note(number, len(made))
        content = archive.finish()
    order.note(len(made), len(made))
    return content


def register_workbook(session: Session, order: Order) -> bytes:
    """Return the register of a body, narrowed as its page was, written row by row."""
    body = session.get_one(Organisation, order.subject_id)
    asked = {name: str(order.parameters.get(name, "")) for name in ("state", "kind", "query")}
    query = queries.register_of([body.id], asked["state"], asked["kind"], asked["query"])
    query = query.order_by(queries.Certificate.number, queries.Certificate.id)
    columns, out, row = queries.columns(), BytesIO(), 0
    with opened_workbook(out, _("Registre des certificats")) as workbook:
        sheet = workbook.add_worksheet(_("Registre"))
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 1)
        write_row(sheet, 0, list(columns), workbook.add_format(HEAD))
        for row, found in enumerate(session.execute(query.execution_options(yield_per=500)), 1):
            write_row(sheet, row, [read(Line(*found)) for read in columns.values()])
            if row % _NOTED_EVERY == 0:
                order.note(row, row + 1)
        sheet.autofilter(0, 0, max(row, 1), len(columns) - 1)
    order.note(max(row, 1), max(row, 1))
    return out.getvalue()
