"""Taking in a logbook kept in a spreadsheet: what each row becomes, and what it never does."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core.db import db
from certify.core.errors import Conflict, Invalid
from certify.core.types import new_id
from certify.logbook import queries as logbook
from certify.logbook.importing.cells import Unit
from certify.logbook.importing.columns import Columns, digest_of, guess
from certify.logbook.importing.rows import Setting, read_rows
from certify.logbook.models import Activity, AiUse, EntrySource, EntryState, ImportState, LogbookEntry, LogbookImport
from certify.logbook.queries import importing as queries
from certify.logbook.services import importing as services
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.logbook import trainee_of
from tests.factories.people import actor_of
from tests.factories.spreadsheets import HEAD, ROWS, csv_of, make_import, workbook_of
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

FORMS = {activity: competencies.shipped_form(activity.value) for activity in Activity}
SETTING = Setting(new_id(), FORMS, frozenset({"3.1.1", "2.1.1"}), date(2026, 12, 31))
ALL = Columns(
    {0: "happened_on", 1: "activity", 2: "minutes", 3: "title", 4: "place", 5: "account", 6: "indicators"},
    None, {"rencontre de groupe": Activity.GROUP_MEETING, "veille": Activity.WATCH, "pmi": Activity.PARTNER_MEETING},
    Unit.MINUTES, AiUse.NONE,
)  # fmt: skip


def chosen(session: Session, made: LogbookImport, columns: Columns = ALL) -> LogbookImport:
    services.choose(session, author(session, made), made, columns)
    session.flush()
    return made


def author(session: Session, made: LogbookImport):  # type: ignore[no-untyped-def]
    enrolment = session.get_one(Enrolment, made.enrolment_id)
    return actor_of(session, session.get_one(User, enrolment.user_id))


def entries(session: Session) -> list[LogbookEntry]:
    return list(session.scalars(select(LogbookEntry).order_by(LogbookEntry.happened_on)))


def test_headings_are_recognised_however_they_are_written() -> None:
    columns = guess(
        ["DATE", "type d’activité", "Durée (h)", "Thème", "lieu", "Ce qui s’est passé", "N°"], [["x"] * 7], ()
    )
    assert columns.fields == {0: "happened_on", 1: "activity", 2: "minutes", 3: "title", 4: "place", 5: "account"}
    assert columns.unit is Unit.HOURS
    assert digest_of(["Date ", "LIEU"]) == digest_of(["date", "Lieu"]) != digest_of(["Lieu", "Date"])


def test_a_choice_of_columns_comes_back_as_it_was_kept() -> None:
    assert Columns.from_document(ALL.to_document()) == ALL


def test_rows_become_drafts_and_are_forgotten(session: Session) -> None:
    made = chosen(session, make_import(session))
    assert services.confirm(session, author(session, made), made) == 3
    session.flush()
    group, watch, partner = entries(session)
    assert (group.happened_on, group.minutes, group.title) == (date(2026, 6, 12), 90, "Rencontre sur le sommeil")
    assert [one.activity for one in (group, watch, partner)] == list(ALL.activities.values())
    assert (watch.happened_on, watch.minutes) == (date(2026, 6, 13), 90)
    assert {one.source for one in (group, watch, partner)} == {EntrySource.IMPORTED}
    assert {one.state for one in (group, watch, partner)} == {EntryState.DRAFT}
    assert logbook.content_of(session, group).indicators == ("3.1.1",)
    assert (made.rows, made.state, made.made) == ([], ImportState.DONE, 3)
    with pytest.raises(Conflict):
        services.confirm(session, author(session, made), made)


def test_a_workbook_is_taken_in_like_a_text(session: Session) -> None:
    rows = [HEAD, (date(2026, 6, 12), "veille", timedelta(minutes=90), "Lecture", "", "Trois idées.", "2.1.1")]
    made = chosen(session, make_import(session, content=workbook_of(rows), filename="cahier.xlsx"))
    services.confirm(session, author(session, made), made)
    session.flush()
    (entry,) = entries(session)
    assert (entry.happened_on, entry.minutes) == (date(2026, 6, 12), 90)


@pytest.mark.engines("sqlite")
def test_the_same_file_twice_adds_nothing_and_is_noticed(session: Session) -> None:
    enrolment = make_enrolment(session)
    first = chosen(session, make_import(session, enrolment))
    services.confirm(session, author(session, first), first)
    session.flush()
    again = make_import(session, enrolment, content=csv_of(rows=[*ROWS, ROWS[0]]).encode())
    assert queries.earlier(session, again) is None
    same = make_import(session, enrolment)
    found = queries.earlier(session, same)
    assert found is not None
    assert found.id == first.id
    chosen(session, same)
    assert services.confirm(session, author(session, same), same) == 0
    chosen(session, again)
    assert services.confirm(session, author(session, again), again) == 1, "one row more, the same twice in one file"
    assert session.scalar(select(func.count()).select_from(LogbookEntry)) == 4


@pytest.mark.engines("sqlite")
def test_the_columns_that_served_last_are_proposed_in_the_same_body(session: Session) -> None:
    cohort = make_cohort(session)
    made = chosen(session, make_import(session, make_enrolment(session, cohort)))
    services.confirm(session, author(session, made), made)
    session.flush()
    other = make_import(session, make_enrolment(session, cohort))
    assert queries.columns_that_served(session, other.training_body_id, other.headings_digest) == ALL
    foreign = make_import(session)
    assert queries.columns_that_served(session, foreign.training_body_id, foreign.headings_digest) is None


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        (("", "veille", "90", "", "", "", ""), "Date", "Indiquez la date"),
        (("31/02/2026", "veille", "90", "", "", "", ""), "Date", "n’existe pas"),
        (("12/06/2027", "veille", "90", "", "", "", ""), "Date", "à venir"),
        (("12/06/1926", "veille", "90", "", "", "", ""), "Date", "trop ancienne"),
        (("12/06/2026", "jardinage", "90", "", "", "", ""), "Type", "pas reconnue"),
        (("12/06/2026", "veille", "longtemps", "", "", "", ""), "Durée", "n’est pas une durée"),
        (("12/06/2026", "veille", "", "t" * 161, "", "", ""), "Titre", "160 caractères"),
        (("12/06/2026", "veille", "", "", "", "", "9.9.9"), "Indicateurs", "n’est pas un indicateur"),
    ],
)
def test_a_wrong_row_says_its_line_its_column_and_what_is_expected(
    cells: tuple[str, ...], column: str, message: str
) -> None:
    (row,) = read_rows(HEAD, [(7, list(cells))], ALL, SETTING)
    assert row.content is None
    (fault,) = row.faults
    assert (fault.line, fault.column) == (7, column)
    assert message in str(fault.message)


@given(st.lists(st.text(max_size=40), min_size=7, max_size=7))
def test_any_row_is_a_draft_or_faults_with_words(texts: list[str]) -> None:
    (row,) = read_rows(HEAD, [(2, texts)], ALL, SETTING)
    assert (row.content is None) == bool(row.faults)
    assert all(str(fault.message) and fault.column and fault.line == 2 for fault in row.faults)


@pytest.mark.engines("sqlite")
def test_several_columns_tell_one_account_and_nothing_asked_elsewhere_is_lost(session: Session) -> None:
    added = queries.added_fields(session, make_enrolment(session).training_body_id)
    code = next(code for code in added if code not in FORMS[Activity.TRAINING_DAY])
    columns = Columns({0: "happened_on", 1: "account", 2: "account", 3: f"value:{code}"}, Activity.TRAINING_DAY)
    heads = ["Date", "Matin", "Après-midi", "Autre"]
    (row,) = read_rows(heads, [(2, ["12/06/2026", "Accueil.", "Bilan.", "À garder."])], columns, SETTING)
    assert row.content is not None
    assert row.content.account == "Matin : Accueil.\n\nAprès-midi : Bilan.\n\nAutre : À garder."
    assert row.content.title == str(Activity.TRAINING_DAY.label)


@pytest.mark.engines("sqlite")
def test_a_file_without_a_date_or_an_activity_is_not_read(session: Session) -> None:
    made = make_import(session)
    with pytest.raises(Invalid, match="colonne de la date"):
        chosen(session, made, Columns({1: "activity"}))
    with pytest.raises(Invalid, match="activité"):
        chosen(session, made, Columns({0: "happened_on"}))
    with pytest.raises(Conflict):
        services.confirm(session, author(session, made), made)


@pytest.mark.engines("sqlite")
def test_a_closed_enrolment_takes_nothing_in(session: Session) -> None:
    with pytest.raises(Conflict, match="plus active"):
        make_import(session, make_enrolment(session, state=EnrolmentState.WITHDRAWN))


def test_whole_drafts_are_submitted_together_with_the_checks_of_each(session: Session) -> None:
    enrolment = make_enrolment(session)
    rows = [
        ("12/06/2026", "veille", "90", "Entière", "", "Trois idées.", "2.1.1"),
        ("13/06/2026", "veille", "90", "Sans indicateur", "", "Trois idées.", ""),
        ("14/06/2026", "veille", "90", "Nommée", "", "Mme Durand m’a parlé.", "2.1.1"),
    ]
    made = chosen(session, make_import(session, enrolment, content=csv_of(rows=rows).encode()))
    actor = author(session, made)
    services.confirm(session, actor, made)
    session.flush()
    form = FORMS[Activity.WATCH]
    for entry in entries(session):
        entry.values = _answers(form)
        entry.reflection = "À garder."
    session.flush()
    lacking = {one.entry.title: [lack.field for lack in one.missing] for one in queries.drafts_of(session, made)}
    assert lacking == {"Entière": [], "Sans indicateur": ["indicators"], "Nommée": []}
    assert services.submit_whole(session, actor, made) == 1
    session.flush()
    states = {entry.title: entry.state for entry in entries(session)}
    assert states["Entière"] is EntryState.SUBMITTED
    assert {states["Sans indicateur"], states["Nommée"]} == {EntryState.DRAFT}


def _answers(form: competencies.EntryForm) -> dict[str, object]:
    kinds = competencies.FieldKind
    made: dict[competencies.FieldKind, object] = {
        kinds.SHORT_TEXT: "court", kinds.LONG_TEXT: "long", kinds.NUMBER: 3, kinds.DATE: "2026-06-12",
        kinds.YES_NO: True, kinds.DURATION: 30, kinds.ADDRESS: "https://exemple.fr/rapport",
    }  # fmt: skip
    answers = {field.code: made.get(field.kind) for field in form.added}
    for field in form.added:
        if field.kind is kinds.CHOICE:
            answers[field.code] = field.options[0].code
        elif field.kind is kinds.CHOICES:
            answers[field.code] = [field.options[0].code]
    return answers


def test_a_trainee_takes_a_file_in_from_end_to_end(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, trainee_of(session, enrolment))
    rows = [*ROWS, ("pas une date", "veille", "90", "=HYPERLINK(1)", "", "M. Durand était là.", "")]
    rows.append(("15/06/2026", "veille", "30", "À reformuler", "", "Mme Durand était là.", "2.1.1"))
    page = visit(client, "/logbook/import")
    sent: dict[str, Any] = {"file": (io.BytesIO(csv_of(rows=rows).encode("cp1252")), "mon cahier.csv")}
    page = follow(client, submit(client, page, "main form", **sent))
    assert page.select_one("#column-0 option[selected]")["value"] == "happened_on"  # type: ignore[index]
    page = follow(client, submit(client, page, "form#columns", press="Voir l’aperçu"))
    text = words(page)
    assert "4 lignes" in text
    assert "« pas une date » n’est pas une date" in text
    assert [mark.get_text() for mark in page.select("mark")] == ["Mme Durand"]
    link = page.select_one("a[href$='faults.csv']")
    assert link is not None
    lines = list(
        csv.reader(io.StringIO(client.get(str(link["href"])).get_data(as_text=True).lstrip("\ufeff")), delimiter=";")
    )
    assert lines[0][-1] == "à corriger"
    assert lines[1][3] == "'=HYPERLINK(1)", "no cell runs as a formula"
    assert "Date" in lines[1][-1]
    page = follow(client, submit(client, page, "form[action$=confirm]"))
    assert "4 brouillons sont dans votre cahier" in words(page)
    assert session.scalar(select(func.count()).select_from(LogbookEntry)) == 4
    assert visit(client, "/logbook/import").select("a[href*='/logbook/import/']") != []


@pytest.mark.engines("sqlite")
def test_words_nobody_knows_are_asked_before_the_preview(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    made = make_import(
        session, enrolment, content=csv_of(rows=[("12/06/2026", "jardinage", "", "", "", "", "")]).encode()
    )
    client = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(client, f"/logbook/import/{made.id}/columns")
    page = read(submit(client, page, "form#columns", press="Voir l’aperçu"), status=422)
    assert "à quelle activité correspond" in words(page)
    (control,) = page.select("#activities select")
    answer = submit(client, page, "form#columns", press="Voir l’aperçu", **{str(control["name"]): "watch"})
    assert "Veille documentaire" in words(follow(client, answer))


@pytest.mark.engines("sqlite")
def test_two_columns_are_not_one_part(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    made = make_import(session, enrolment)
    client = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(client, f"/logbook/import/{made.id}/columns")
    page = read(submit(client, page, "form#columns", press="Voir l’aperçu", **{"column-4": "title"}), status=422)
    assert "Deux colonnes donnent « Titre »" in words(page)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "Choisissez un fichier"), (b"PK\x03\x04", "ne peut pas être lu"), (b"a;b\n", "n’a que des titres")],
)
def test_a_file_that_is_no_table_is_refused(app: Flask, session: Session, content: bytes, message: str) -> None:
    client = signed_in_client(app, trainee_of(session, make_enrolment(session)))
    page = visit(client, "/logbook/import")
    page = read(submit(client, page, "main form", file=(io.BytesIO(content), "x.csv")), status=422)
    assert message in words(page)


@pytest.mark.engines("sqlite")
def test_an_import_given_up_adds_nothing(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    made = make_import(session, enrolment)
    client = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(client, f"/logbook/import/{made.id}/columns")
    follow(client, submit(client, page, "form[action$=abandon]"))
    session.expire_all()
    assert (made.state, made.rows) == (ImportState.ABANDONED, [])
    assert entries(session) == []


@pytest.mark.engines("sqlite")
def test_pages_of_an_import_take_as_many_statements_whatever_its_rows(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, trainee_of(session, enrolment))
    counts: list[list[int]] = []
    for size in (2, 120):
        rows = [("12/06/2026", "veille", "90", f"Lecture {size} {n}", "", "Trois idées.", "2.1.1") for n in range(size)]
        made = chosen(session, make_import(session, enrolment, content=csv_of(rows=rows).encode()))
        session.commit()
        counts.append([])
        for place in ("/columns", "/preview", "/confirm", ""):
            address = f"/logbook/import/{made.id}{place}"
            if place == "/confirm":
                submit(client, visit(client, f"/logbook/import/{made.id}/preview"), "form[action$=confirm]")
                continue
            client.get(address)
            with count_statements(db.engine) as seen:
                visit(client, address)
            counts[-1].append(len(seen))
    assert counts[0] == counts[1]
