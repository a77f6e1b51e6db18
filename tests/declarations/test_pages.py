"""Pages of declarations: from the identifiers to the processing report, and nothing before a registration."""

import io
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.declarations.models import Deposit, DepositItem
from tests.factories.declarations import make_declared, make_deposit, make_identity, report
from tests.factories.people import make_certifying_body, make_member
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

Run = Callable[[], int]
IDENTIFIERS = {"client_id": "abcd1234", "contract_id": "MCFCER000001", "schema_version": "1.1.2"}


def test_a_registrar_goes_from_the_identifiers_to_the_report(session: Session, sign_in: SignIn, run_jobs: Run) -> None:
    declared = make_declared(session, 3, has_identities=False)
    for one in declared.holders[:2]:
        make_identity(session, one)
    session.commit()
    client = sign_in(declared.registrar)
    page = visit(client, "/declarations")
    assert "identité à donner" in words(page)
    assert "encore" in words(page)
    form = visit(client, "/declarations/depositor")
    assert "huit caractères" in words(read(submit(client, form, **IDENTIFIERS | {"client_id": "A"}), status=422))
    page = follow(client, submit(client, form, **IDENTIFIERS))
    waiting = follow(client, submit(client, page, "#next form"))
    assert "Écriture et contrôle" in words(waiting)
    run_jobs()
    deposit = session.scalars(select(Deposit)).one()
    path = f"/declarations/deposits/{deposit.id}"
    ready = visit(client, path)
    answer = client.get(f"{path}/file")
    assert answer.mimetype == "application/xml"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=depot-{deposit.flow_id}.xml"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.data.count(b"<cpf:passageCertification>") == 2
    answer.close()
    submitted = follow(client, submit(client, ready, "form[action$='/submit']"))
    session.expire_all()
    names = list(session.scalars(select(DepositItem.technical_id)))
    wrong = io.BytesIO(report(deposit, ["inconnu"])), "retour.xml"
    refused = read(submit(client, submitted, "form[action$='/receipt']", file=wrong), status=422)
    assert "d’un autre dépôt" in words(refused)
    right = io.BytesIO(report(deposit, names[:1], {names[1]: "Plusieurs titulaires"})), "retour.xml"
    done = follow(client, submit(client, submitted, "form[action$='/receipt']", file=right))
    assert "Lignes enregistrées : 1. Lignes rejetées : 1." in words(done)
    assert "accepté en partie" in words(done)
    assert "Plusieurs titulaires" in words(visit(client, "/declarations?situation=rejected"))
    assert "Plusieurs titulaires" in client.get(f"{path}?format=csv&state=rejected").text
    session.rollback()
    tags = set(session.scalars(select(AuditEvent.tag).where(AuditEvent.organisation_id == declared.body.id)))
    assert tags >= {
        "declarations:depositor:recorded", "declarations:deposit:prepared", "declarations:deposit:made",
        "declarations:deposit:taken", "declarations:deposit:submitted", "declarations:receipt:imported",
    }  # fmt: skip


def test_before_a_registration_there_is_nothing_to_declare_and_nothing_to_fill_in(
    session: Session, sign_in: SignIn
) -> None:
    declared = make_declared(session, 1, is_registered=False)
    session.commit()
    client = sign_in(declared.registrar)
    page = visit(client, "/declarations")
    assert "Rien n’est à déclarer" in words(page)
    assert not page.select("main form")
    assert client.get("/declarations/depositor").status_code == 303
    assert client.get("/declarations?body=00000000-0000-4000-8000-000000000000").status_code == 404


def test_a_registrar_of_two_bodies_chooses_and_cancels_what_was_not_sent(session: Session, sign_in: SignIn) -> None:
    declared = make_declared(session)
    other = make_certifying_body(session)
    make_member(session, other, Role.REGISTRAR, declared.registrar)
    deposit = make_deposit(session, declared)
    session.commit()
    client = sign_in(declared.registrar)
    page = visit(client, f"/declarations?body={declared.body.id}")
    assert "Tout est déclaré" in words(page)
    assert page.select(f"option[value='{other.id}']")
    assert "Rien n’est à déclarer" in words(visit(client, f"/declarations?body={other.id}"))
    shown = visit(client, f"/declarations/deposits/{deposit.id}")
    after = follow(client, submit(client, shown, "form[action$='/cancel']"))
    assert "Le dépôt est annulé" in words(after)
    assert client.post(f"/declarations/deposits/{deposit.id}/submit").status_code in (400, 409)


def test_the_pages_take_as_many_statements_for_two_holders_as_for_sixty(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    counts = []
    for size in (2, 60):
        declared = make_declared(session, size)
        deposit = make_deposit(session, make_declared(session, size))
        session.commit()
        client = sign_in(declared.registrar)
        with app.app_context(), count_statements(db.engine) as statements:
            assert client.get("/declarations").status_code == 200
        first = len(statements)
        owner = sign_in(
            make_member(session, session.get_one(type(declared.body), deposit.certifying_body_id), Role.REGISTRAR)
        )
        with app.app_context(), count_statements(db.engine) as statements:
            assert owner.get(f"/declarations/deposits/{deposit.id}").status_code == 200
        counts.append((first, len(statements)))
    assert counts[0] == counts[1]
