"""The file of a candidate, its evidence, and the decision of the jury."""

import uuid

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import competencies
from certify.cohorts.forms import ROUTES
from certify.core import audit, serving
from certify.core.access import Permission, requires
from certify.core.db import db, separate_session
from certify.core.errors import Forbidden, NotFound
from certify.core.i18n import gettext as _
from certify.evidence import policies as evidence_rules
from certify.evidence import queries as evidence
from certify.juries import candidates, policies, queries, services
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES, DecisionForm, decision_form
from certify.juries.models import Candidacy, JurySession
from certify.logbook.queries import answers_of


def _readable(candidacy_id: uuid.UUID) -> Candidacy:
    candidacy = queries.candidacy_for(db.session, g.actor, candidacy_id)
    if not policies.may_read_files(candidacy.jury, g.actor):
        raise Forbidden(
            _("Signez d’abord votre déclaration sur la page de la session : les dossiers s’ouvrent ensuite.")
        )
    return candidacy


@requires(Permission.JURY_READ)
def show(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Show a candidate's file to the members of the jury, and to the president the form of the decision."""
    candidacy = _readable(candidacy_id)
    page, status = _page(candidacy)
    _trace(candidacy, candidacy.jury, "jury:file:read")
    return page, status


@requires(Permission.JURY_DECIDE)
def decide(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Record the decision of the jury on a candidate."""
    candidacy = queries.candidacy_for(db.session, g.actor, candidacy_id, to_decide=True)
    jury_id, file = candidacy.session_id, candidates.file_of(db.session, candidacy)
    form = decision_form(file.framework, file.proposals)
    if not form.validate_on_submit():
        return _page(candidacy, form=form, status=422)
    services.decide(
        db.session, g.actor, candidacy, expected=form.expected.data or 0, blocks=form.blocks, reasons=form.reasons,
        outcome=competencies.WholeOutcome(form.outcome.data), reason=form.reason.data or "",
    )  # fmt: skip
    flash(_("La décision concernant %(name)s est enregistrée.", name=file.candidate.name), "success")
    return redirect(url_for("juries.show", jury_id=jury_id, _anchor="candidates"), code=303)


def _page(candidacy: Candidacy, form: DecisionForm | None = None, status: int = 200) -> tuple[str, int]:
    file = candidates.file_of(db.session, candidacy)
    may_decide = policies.may_decide(candidacy.jury, g.actor)
    if form is None and may_decide:
        form = decision_form(file.framework, file.proposals, **_proposed(file))
    page = render_template(
        "juries/candidacy.html", candidacy=candidacy, jury=candidacy.jury, file=file, may_decide=may_decide, form=form,
        decisions=candidates.decisions_of(db.session, candidacy), block_outcomes=BLOCK_OUTCOMES, routes=ROUTES,
        whole_outcomes=WHOLE_OUTCOMES,
    )  # fmt: skip
    return page, status


def _proposed(file: candidates.CandidateFile) -> dict[str, object]:
    """Fill a new form with the decision that stands, or with what is proposed."""
    standing = file.candidate.decision
    if standing is None:
        values: dict[str, object] = {f"block-{code}-outcome": one.value for code, one in file.proposals.items()}
        return values | {"expected": 0, "outcome": competencies.propose_whole(file.proposals).value}
    values = {"expected": standing.number, "outcome": standing.outcome, "reason": standing.reason}
    for row in standing.blocks:
        values |= {f"block-{row.block}-outcome": row.outcome, f"block-{row.block}-reason": row.reason}
    return values


@requires(Permission.JURY_READ)
def piece(candidacy_id: uuid.UUID, item_id: uuid.UUID) -> ResponseReturnValue:
    """Give a member of the jury one accepted piece of evidence: the stored bytes, or the entry to read."""
    candidacy = _readable(candidacy_id)
    item = candidates.item_of(db.session, candidacy, item_id)
    if item.kind is evidence.EvidenceKind.ENTRY:
        file = candidates.file_of(db.session, candidacy)
        content = candidates.content_of(db.session, item)
        answer: ResponseReturnValue = render_template(
            "juries/entry.html",
            candidacy=candidacy,
            jury=candidacy.jury,
            file=file,
            content=content,
            answers=answers_of(content),
            item=item,
        )
    elif (item.entry_id is None or item.kind is evidence.EvidenceKind.PRIOR) and "file" not in request.args:
        file = candidates.file_of(db.session, candidacy)
        answer = render_template("juries/prior.html", candidacy=candidacy, jury=candidacy.jury, file=file, item=item)
    else:
        answer = _bytes_of(item)
    _trace(candidacy, candidacy.jury, "jury:evidence:read", evidence_id=item_id)
    return answer


def _bytes_of(item: evidence.EvidenceItem) -> Response:
    if not item.storage_key:
        raise NotFound
    return serving.served(
        item.storage_key, filename=item.filename, media_type=item.media_type, size=item.size, sha256=item.sha256,
        is_shown=evidence_rules.is_shown_in_page(item.media_type),
    )  # fmt: skip


def _trace(candidacy: Candidacy, jury: JurySession, tag: str, **detail: object) -> None:
    # What was read is in hand: the request's own transaction must not keep the trace waiting.
    body_id = jury.certifying_body_id
    db.session.expunge(candidacy)
    db.session.rollback()
    with separate_session() as own:
        audit.record(own, g.actor, tag, candidacy, organisation_id=body_id, **detail)
        own.commit()
