"""Pages of those who read pieces: the queue, one piece with its versions, the answer."""

import uuid
from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.anonymity.policies import masked
from certify.anonymity.queries import masks_of
from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.queries import folded
from certify.core import audit, listing
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.evidence import policies, queries, services
from certify.evidence.forms import AnswerForm
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceState
from certify.evidence.views.words import KINDS, STATES
from certify.frameworks.queries import framework_of

_SORTS = {
    "title": (EvidenceItem.title,),
    "kind": (EvidenceItem.kind, EvidenceItem.created_at),
    "trainee": (Enrolment.sort_name,),
    "cohort": (Cohort.name, Enrolment.sort_name),
}
_OUTCOMES = (EvidenceState.ACCEPTED.value, EvidenceState.RETURNED.value)


@requires(Permission.LOGBOOK_REVIEW)
def waiting() -> ResponseReturnValue:
    """List the pieces that wait for an answer, the longest wait first."""
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=("kind",))
    query = queries.waiting_pieces(g.actor)
    since = query.selected_columns.since
    kind = (wanted.filters or {}).get("kind", "")
    if kind in set(EvidenceKind):
        query = query.where(EvidenceItem.kind == EvidenceKind(kind))
    query = query.where(*listing.matches(folded(wanted.query), Enrolment.sort_name, EvidenceItem.title))
    found = listing.paginate(
        db.session, query, wanted, sorts=_SORTS | {"since": (since,)}, default="since", tie=EvidenceItem.id,
        as_rows=True,
    )  # fmt: skip
    return render_template("evidence/reviews.html", listing=found, kinds=KINDS)


@requires(SIGNED_IN)
def piece(item_id: uuid.UUID) -> ResponseReturnValue:
    """Read one piece: its author sees it as it stands, a trainer what was handed in, and answers here."""
    return _page(_alone(item_id), AnswerForm(formdata=None))


@requires(SIGNED_IN)
def version(item_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """Read a piece as it was handed in under a number."""
    return _page(_alone(item_id), AnswerForm(formdata=None), number=number)


@requires(Permission.LOGBOOK_REVIEW)
def answer(item_id: uuid.UUID) -> ResponseReturnValue:
    """Accept the version that was read, or return it."""
    item = _alone(item_id)
    form = AnswerForm()
    outcome = form.outcome.data
    if outcome not in _OUTCOMES:
        form.refuse(None, _("Choisissez d’accepter la preuve ou de la renvoyer."))
    elif form.validate_on_submit():
        decide = services.accept if outcome == EvidenceState.ACCEPTED.value else services.return_
        said = form.number.data or ""
        number = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else None
        with form.showing_refusals():
            decide(db.session, g.actor, item, answer=form.answer.data or "", number=number)
            done = {
                "accepted": _("La preuve est acceptée."),
                "returned": _("La preuve est renvoyée avec votre réponse."),
            }
            flash(done[outcome], "success")
            return redirect(url_for("evidence.reviews"), code=303)
    return _page(item, form)


def _alone(item_id: uuid.UUID) -> EvidenceItem:
    item = queries.item_for(db.session, g.actor, item_id)
    if not policies.stands_alone(item) or item.kind is EvidenceKind.PRIOR:
        raise NotFound
    return item


def _page(item: EvidenceItem, form: AnswerForm, number: int | None = None) -> ResponseReturnValue:
    enrolment = db.session.get_one(Enrolment, item.enrolment_id)
    is_own = enrolment.user_id == g.actor.user_id
    versions = queries.versions_of(db.session, item.id)
    wanted = versions[0] if versions and not is_own else None
    if number is not None and (wanted := next((one for one in versions if one.number == number), None)) is None:
        raise NotFound
    if not is_own and not form.is_submitted():
        audit.record(db.session, g.actor, "evidence:item:read", item, organisation_id=item.training_body_id)
        db.session.commit()
    form.number.data = form.number.data or (str(wanted.number) if wanted else "")
    page = render_template(
        "evidence/piece.html", item=item, form=form, enrolment=enrolment, states=STATES, kinds=KINDS, is_own=is_own,
        shown=queries.as_handed_in(wanted) if wanted else queries.as_it_stands(item), version=wanted,
        versions=versions, old=queries.item_of(db.session, item.replaces_id) if item.replaces_id else None,
        new=queries.replacement_of(db.session, item.id), masks=_masking(item, is_own=is_own),
        people=queries.people_who_answered(db.session, versions),
        person=db.session.get_one(User, enrolment.user_id), cohort=db.session.get_one(Cohort, enrolment.cohort_id),
        framework=framework_of(db.session, (wanted or enrolment).framework_version_id),
        is_not_stored=bool(queries.not_stored(db.session, [item])),
        may_edit=is_own and policies.may_change(item, enrolment.state),
        may_replace=is_own and policies.may_replace(item) and policies.may_add(enrolment.state),
        may_answer=item.state is EvidenceState.SUBMITTED
        and (wanted is None or wanted.number == versions[0].number)
        and policies.may_answer(g.actor, item, enrolment.user_id),
    )  # fmt: skip
    return page, form.status_of_refusal if form.is_submitted() else 200


def _masking(item: EvidenceItem, *, is_own: bool) -> Callable[[str, str], str]:
    """Return what blacks out the passages of a field that a reader flagged; its author reads them still."""
    masks = () if is_own else masks_of(db.session, [item.id]).get(item.id, ())
    return lambda field, text: masked(text, [mask for mask in masks if mask.field == field])
