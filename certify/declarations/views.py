"""Pages of declarations: who is to be declared, the identifiers of the body, one deposit."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.views.lists import csv_answer, is_csv, page_size
from certify.core import clock, files, listing
from certify.core.access import Permission, requires
from certify.core.db import db, separate_session
from certify.core.errors import Invalid, NotFound
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.declarations import queries, receipts, services, writing
from certify.declarations.forms import DepositorForm, ReceiptForm
from certify.declarations.models import Deposit, DepositState, ItemState
from certify.declarations.passages import SchemaVersion
from certify.declarations.queries import Holder, Overview
from certify.organisations.models import Organisation


def _body() -> tuple[Organisation, list[Organisation]]:
    """Return the body declared for, chosen in the address when there are several, and all of them."""
    bodies = queries.declarants(db.session, g.actor)
    wanted = request.args.get("body", "")
    found = next((one for one in bodies if str(one.id) == wanted), None if wanted else next(iter(bodies), None))
    if found is None:
        raise NotFound
    return found, bodies


@requires(Permission.DECLARATION_WRITE)
def index() -> ResponseReturnValue:
    """Show who is to be declared and until when, the next deposit, and those before."""
    body, bodies = _body()
    if not queries.is_open(db.session, body.id):
        return render_template("declarations/closed.html", body=body, bodies=bodies)
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=("situation", "body"))
    holders = queries.holders_of(db.session, body.id)
    chosen = queries.narrowed(holders, wanted)
    if is_csv():
        return _csv(chosen)
    found = queries.listed(chosen, wanted, page_size())
    return render_template(
        "declarations/index.html", body=body, bodies=bodies, listing=found, overview=Overview.of(holders),
        total=len(holders), situations=_situations(), depositor=queries.depositor_of(db.session, body.id),
        deposits=queries.deposits_of(db.session, body.id), states=DepositState,
    )  # fmt: skip


def _situations() -> list[tuple[str, str]]:
    words = (_("prêtes à déclarer"), _("données manquantes"), _("en retard"), _("rejetées"))
    return list(zip(queries.SITUATIONS, words, strict=True))


def _csv(holders: Sequence[Holder]) -> ResponseReturnValue:
    missing = {"": "", "identity": _("identité à donner"), "check": _("identité à vérifier")}
    columns = {
        _("Titulaire"): lambda one: one.name,
        _("Certificat"): lambda one: one.certificate,
        _("À déclarer avant le"): lambda one: one.due_on.isoformat(),
        _("Jours restants"): lambda one: one.days_left,
        _("Ce qui manque"): lambda one: missing[one.missing],
        _("Dernier rejet"): lambda one: one.rejection,
    }
    return csv_answer("a-declarer", holders, columns)


@requires(Permission.DECLARATION_WRITE)
def depositor() -> ResponseReturnValue:
    """Show and record the identifiers of the body."""
    body, _bodies = _body()
    if not queries.is_open(db.session, body.id):
        return redirect(url_for("declarations.index", body=body.id), code=303)
    form = DepositorForm.showing(queries.depositor_of(db.session, body.id))
    if form.validate_on_submit():
        with form.showing_refusals():
            values = form.values() | {"schema_version": SchemaVersion(form.schema_version.data)}
            services.record_depositor(db.session, g.actor, body.id, **values)
            flash(_("Les identifiants sont enregistrés."), "success")
            return redirect(url_for("declarations.index", body=body.id), code=303)
    page = render_template("declarations/depositor.html", body=body, form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.DECLARATION_WRITE)
def prepare() -> ResponseReturnValue:
    """Prepare the next deposit."""
    body, _bodies = _body()
    deposit = services.prepare(db.session, g.actor, body.id)
    flash(
        _("Le dépôt n° %(number)s se prépare : son fichier sera prêt dans un instant.", number=deposit.number),
        "success",
    )
    return redirect(url_for("declarations.show", deposit_id=deposit.id), code=303)


@requires(Permission.DECLARATION_WRITE)
def show(deposit_id: uuid.UUID) -> ResponseReturnValue:
    """Show one deposit: how far its file is, what to do next, what became of each line."""
    deposit = queries.deposit_for(db.session, g.actor, deposit_id)
    return _items_csv(_items(deposit).rows) if is_csv() else _page(deposit, ReceiptForm())


def _items(deposit: Deposit) -> listing.Listing[Any]:
    path = url_for("declarations.show", deposit_id=deposit.id)
    wanted = listing.Wanted.from_args(path, request.args, filters=("state",))
    return queries.items_of(db.session, deposit, wanted, per_page=page_size())


def _page(deposit: Deposit, form: ReceiptForm) -> str:
    found = _items(deposit)
    is_waiting = deposit.state in (DepositState.SUBMITTED, DepositState.PARTLY_REJECTED)
    return render_template(
        "declarations/deposit.html", deposit=deposit, listing=found, form=form, states=DepositState, lines=ItemState,
        counts=queries.states_of(db.session, deposit), receipts=queries.receipts_of(db.session, deposit),
        is_under_way=deposit.state is DepositState.GENERATED and not deposit.sha256,
        awaits_answer=bool(deposit.sha256) and is_waiting,
    )  # fmt: skip


def _items_csv(rows: Sequence[Any]) -> ResponseReturnValue:
    columns = {
        _("Titulaire"): lambda row: row[2],
        _("Certificat"): lambda row: row[1],
        _("Identifiant technique"): lambda row: row[0].technical_id,
        _("État"): lambda row: row[0].state.label,
        _("Réponse"): lambda row: row[0].message,
    }
    return csv_answer("depot", rows, columns)


@requires(Permission.DECLARATION_WRITE)
def file(deposit_id: uuid.UUID) -> ResponseReturnValue:
    """Give the file to deposit, written again from its frozen lines; each time is traced."""
    queries.deposit_for(db.session, g.actor, deposit_id)
    # The request's own transaction must not keep the trace waiting.
    db.session.rollback()
    with separate_session() as session:
        deposit = session.get_one(Deposit, deposit_id)
        name, size = writing.file_name(queries.header_of(session, deposit)), deposit.size
        content = services.take(session, g.actor, deposit)
        session.commit()
    answer = send_file(content, mimetype="application/xml", download_name=name, as_attachment=True)
    answer.content_length = size
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@requires(Permission.DECLARATION_WRITE)
def submit(deposit_id: uuid.UUID) -> ResponseReturnValue:
    """Say that the file is on the portal."""
    deposit = queries.deposit_for(db.session, g.actor, deposit_id)
    services.submit(db.session, g.actor, deposit)
    flash(_("C’est noté. Importez ici le compte rendu dès qu’il arrive."), "success")
    return redirect(url_for("declarations.show", deposit_id=deposit_id), code=303)


@requires(Permission.DECLARATION_WRITE)
def cancel(deposit_id: uuid.UUID) -> ResponseReturnValue:
    """Cancel a deposit that was not transmitted."""
    deposit = queries.deposit_for(db.session, g.actor, deposit_id)
    services.cancel(db.session, g.actor, deposit)
    flash(_("Le dépôt est annulé : ses lignes iront dans le prochain."), "success")
    return redirect(url_for("declarations.index", body=deposit.certifying_body_id), code=303)


@requires(Permission.DECLARATION_WRITE)
def receive(deposit_id: uuid.UUID) -> ResponseReturnValue:
    """Take in a processing report."""
    deposit = queries.deposit_for(db.session, g.actor, deposit_id)
    form = ReceiptForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            sent = form.file.data
            content = _bounded(sent)
            row = services.import_receipt(db.session, g.actor, deposit, filename=sent.filename or "", content=content)
            flash(_told(row.figures), "success")
            return redirect(url_for("declarations.show", deposit_id=deposit_id), code=303)
    return _page(deposit, form), 422


def _bounded(sent: Any) -> bytes:
    most = min(files.limits().upload_max_bytes, receipts.MOST_BYTES)
    content: bytes = sent.stream.read(most + 1)
    if len(content) > most:
        raise Invalid(_("Ce fichier est plus lourd qu’un compte rendu de traitement."), "file")
    return content


def _told(figures: dict[str, int]) -> str:
    return _(
        "Compte rendu pris en compte le %(day)s. Lignes enregistrées : %(delivered)s. Lignes rejetées : %(rejected)s.",
        day=clock.today().strftime("%d/%m/%Y"), delivered=figures["delivered"], rejected=figures["rejected"],
    )  # fmt: skip
