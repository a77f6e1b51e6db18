"""The file of a candidate: read, voted on, and decided together."""

import uuid
from typing import Any

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
from certify.juries import dossiers, policies, queries, services
from certify.juries.deliberation_forms import (
    ABSTENTION,
    DecisionForm,
    RecusalForm,
    VoteForm,
    decision_form,
    standing_values,
    vote_form,
)
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES
from certify.juries.models import Candidacy, JurySession, SessionState
from certify.juries.reading import Reader, reader_of
from certify.juries.votes import Ballot, ballot_of
from certify.logbook.queries import answers_of


def _readable(candidacy_id: uuid.UUID) -> tuple[Candidacy, Reader]:
    candidacy = queries.candidacy_for(db.session, g.actor, candidacy_id)
    reader = reader_of(db.session, candidacy, g.actor)
    if reader.refusal is not None:
        raise Forbidden(reader.refusal)
    return candidacy, reader


def _back(candidacy_id: uuid.UUID, anchor: str) -> ResponseReturnValue:
    return redirect(url_for("juries.candidacy", candidacy_id=candidacy_id, _anchor=anchor), code=303)


@requires(Permission.JURY_READ)
def show(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Show a candidate's file to the members of the jury, with the votes, and to the president the decision."""
    candidacy, reader = _readable(candidacy_id)
    return _page(candidacy, reader)


@requires(Permission.JURY_VOTE)
def vote(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Vote on each block of a candidate."""
    candidacy, reader = _readable(candidacy_id)
    form = vote_form(dossiers.file_of(db.session, candidacy).to_decide)
    if form.validate_on_submit():
        comments = {f"block-{block.code}-comment": f"vote-{block.code}-comment" for block in form.blocks}
        with form.showing_refusals(**comments):
            services.vote(db.session, g.actor, candidacy, outcomes=form.outcomes, comments=form.comments)
            flash(_("Votre vote est enregistré."), "success")
            return _back(candidacy_id, "votes")
    return _page(candidacy, reader, voting=form, status=422)


@requires(Permission.JURY_DECIDE)
def open_votes(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Open the votes to all before everybody has voted."""
    candidacy, _reader = _readable(candidacy_id)
    services.open_votes(db.session, g.actor, candidacy)
    flash(_("Les votes sont ouverts à tous les membres qui siègent."), "success")
    return _back(candidacy_id, "votes")


@requires(Permission.JURY_READ)
def recuse(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Stand aside for a candidate, or note that a member does."""
    candidacy, reader = _readable(candidacy_id)
    form = RecusalForm()
    form.offer({str(one.seat.id): one.user.name for one in reader.sitting.voters(candidacy.id)})
    if form.validate_on_submit():
        with form.showing_refusals(reason="why"):
            services.recuse(
                db.session, g.actor, candidacy, seat_id=uuid.UUID(form.seat.data), reason=form.why.data or ""
            )
            flash(_("La récusation est notée : elle figure au procès-verbal."), "success")
            return redirect(url_for("juries.deliberation", jury_id=candidacy.session_id), code=303)
    return _page(candidacy, reader, recusing=form, status=422)


@requires(Permission.JURY_DECIDE)
def decide(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Record the decision of the jury on a candidate."""
    candidacy = queries.candidacy_for(db.session, g.actor, candidacy_id, to_decide=True)
    reader = reader_of(db.session, candidacy, g.actor)
    if reader.refusal is not None:
        raise Forbidden(reader.refusal)
    jury_id, file = candidacy.session_id, dossiers.file_of(db.session, candidacy)
    codes = [block.code for block in file.to_decide]
    voted = ballot_of(db.session, candidacy, reader.sitting, codes, reader.seat).outcomes
    form = decision_form(file.framework, file.proposals, file.already_acquired, voted=voted)
    if form.validate_on_submit():
        said = form.ruling
        with form.showing_refusals():
            services.decide(
                db.session, g.actor, candidacy, expected=form.expected.data or 0, blocks=said.blocks,
                reasons=said.reasons, outcome=said.outcome, reason=said.reason, retake_from=said.retake_from,
                comment_training_body=said.comment_training_body, comment_internal=said.comment_internal,
            )  # fmt: skip
            flash(_("La décision concernant %(name)s est enregistrée.", name=file.candidate.name), "success")
            return redirect(url_for("juries.deliberation", jury_id=jury_id, _anchor="candidates"), code=303)
    return _page(candidacy, reader, form=form, status=422)


def _page(
    candidacy: Candidacy, reader: Reader, *, form: DecisionForm | None = None, voting: VoteForm | None = None,
    recusing: RecusalForm | None = None, status: int = 200,
) -> tuple[str, int]:  # fmt: skip
    file, jury = dossiers.file_of(db.session, candidacy), candidacy.jury
    codes = [block.code for block in file.to_decide]
    ballot = ballot_of(db.session, candidacy, reader.sitting, codes, reader.seat)
    is_open = jury.state is SessionState.DELIBERATING
    may_decide = policies.may_decide(jury, g.actor)
    may_vote = is_open and reader.sitting.is_voter(reader.seat, candidacy.id)
    if form is None and may_decide:
        form = decision_form(file.framework, file.proposals, file.already_acquired, **_proposed(file, ballot))
    page = render_template(
        "juries/candidacy.html", candidacy=candidacy, jury=jury, file=file, ballot=ballot, form=form,
        may_decide=may_decide, may_vote=may_vote, is_open=is_open, seat=reader.seat,
        voting=voting or vote_form(file.to_decide, **_voted(ballot)),
        recusing=recusing or _recusal_form(reader, candidacy),
        is_outdated=_is_outdated(reader, candidacy, file),
        recused=_recused(reader, candidacy), lacking=reader.composition.check_present(
            candidacy.enrolment_id, {one.seat.id for one in ballot.voters}
        ) if is_open else (),
        is_registrar=policies.is_registrar(jury, g.actor), is_president=policies.is_president(jury, g.actor),
        decisions=dossiers.decisions_of(db.session, candidacy), block_outcomes=BLOCK_OUTCOMES, routes=ROUTES,
        whole_outcomes=WHOLE_OUTCOMES,
    )  # fmt: skip
    _trace(candidacy, jury, "jury:file:read")
    return page, status


def _recusal_form(reader: Reader, candidacy: Candidacy) -> RecusalForm:
    own = str(reader.seat.id) if reader.seat is not None else None
    form = RecusalForm(formdata=None, seat=own)
    form.offer({str(one.seat.id): one.user.name for one in reader.sitting.voters(candidacy.id)})
    return form


def _recused(reader: Reader, candidacy: Candidacy) -> list[str]:
    aside = reader.sitting.recused.get(candidacy.id, frozenset())
    return [one.user.name for one in reader.sitting.members if one.seat.id in aside]


def _is_outdated(reader: Reader, candidacy: Candidacy, file: dossiers.CandidateFile) -> bool:
    decision = file.candidate.decision
    return decision is not None and reader.sitting.is_outdated(candidacy.id, decision)


def _voted(ballot: Ballot) -> dict[str, object]:
    """Fill the form of a vote with what the member said last."""
    values: dict[str, object] = {}
    for code, row in ballot.own.items():
        values |= {f"vote-{code}-outcome": row.outcome or ABSTENTION, f"vote-{code}-comment": row.comment}
    return values


def _proposed(file: dossiers.CandidateFile, ballot: Ballot) -> dict[str, Any]:
    """Fill a new form with the decision that stands, or with what the votes, else the assessments, lead to."""
    standing = file.candidate.decision
    if standing is not None:
        return standing_values(standing)
    outcomes = dict(file.proposals)
    for code, count in ballot.counts.items():
        outcomes[code] = count.outcome or outcomes[code]
    values: dict[str, Any] = {f"block-{code}-outcome": one.value for code, one in outcomes.items()}
    return values | {"expected": 0, "outcome": competencies.propose_whole(outcomes).value}


@requires(Permission.JURY_READ)
def piece(candidacy_id: uuid.UUID, item_id: uuid.UUID) -> ResponseReturnValue:
    """Give a member of the jury one accepted piece of evidence: the stored bytes, or the entry to read."""
    candidacy, _reader = _readable(candidacy_id)
    item = dossiers.item_of(db.session, candidacy, item_id)
    if item.kind is evidence.EvidenceKind.ENTRY:
        file = dossiers.file_of(db.session, candidacy)
        content = dossiers.content_of(db.session, item)
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
        file = dossiers.file_of(db.session, candidacy)
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
