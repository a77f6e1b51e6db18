"""Logbooks kept in spreadsheets."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.logbook.models import LogbookImport
from certify.logbook.services import importing as services
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of

HEAD = ("Date", "Type", "Durée", "Titre", "Lieu", "Compte rendu", "Indicateurs")
ROWS: tuple[tuple[str, ...], ...] = (
    ("12/06/2026", "rencontre de groupe", "1 h 30", "Rencontre sur le sommeil", "Crèche", "Huit parents.", "3.1.1"),
    ("13/06/26", "veille", "1,5", "Lecture d’un rapport", "", "Trois idées à garder.", "2.1.1"),
    ("2026-06-14", "PMI", "90 min", "Rencontre de la PMI", "PMI", "Présentation du groupe.", ""),
)


def csv_of(head: Sequence[str] = HEAD, rows: Iterable[Sequence[str]] = ROWS, mark: str = ";") -> str:
    """Write a CSV file."""
    quoted = ([f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in (head, *rows))
    return "".join(mark.join(cells) + "\r\n" for cells in quoted)


def workbook_of(rows: Iterable[Sequence[Any]]) -> bytes:
    """Write a workbook with real dates, lengths of time and numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Cahier")
        formats = {
            date: book.add_format({"num_format": "dd/mm/yyyy"}), timedelta: book.add_format({"num_format": "[h]:mm"})
        }  # fmt: skip
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    moment = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a spreadsheet has no time zone
                    sheet.write_datetime(number, column, moment, formats[date])
                elif isinstance(cell, timedelta):
                    sheet.write_datetime(number, column, cell, formats[timedelta])
                else:
                    sheet.write(number, column, cell)
    return out.getvalue()


def make_import(
    session: Session, enrolment: Enrolment | None = None, content: bytes | None = None, filename: str = "cahier.csv"
) -> LogbookImport:
    """Hand a file in."""
    enrolment = enrolment or make_enrolment(session)
    actor = actor_of(session, session.get_one(User, enrolment.user_id))
    return services.deposit(
        session, actor, enrolment, content=content if content is not None else csv_of().encode(), filename=filename
    )
