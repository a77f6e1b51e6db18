"""The referent's verbs, without an account, and the trainee's signature when both are there."""

import secrets
from typing import Any

from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.templating import day
from certify.core.types import new_id
from certify.evidence import policies as evidence_rules
from certify.evidence import services as evidence
from certify.evidence.services.reopening import reopen
from certify.frameworks.queries import carried, framework_of
from certify.observations import mails, policies, queries
from certify.observations.models import ObservationAnswer, ObservationRequest, Way
from certify.observations.policies import Draft, RequestState
from certify.observations.queries import Asked, token_digest


class LinkClosed(Conflict):
    """The request does not wait for an answer any more."""


class StaleDraft(Conflict):
    """The answer was saved from somewhere else since it was opened here."""


def open_link(session: Session, found: Asked) -> None:
    """Note that the link was opened, the first time."""
    if found.request.opened_at is None and found.state is RequestState.WAITING:
        found.request.opened_at = clock.now()


def save_draft(session: Session, found: Asked, draft: Draft, *, revision: int) -> int:
    """Keep what the referent has ticked and written so far; return the revision it has now.

    Raises StaleDraft when it was saved elsewhere since `revision`, so that neither answer overwrites the other.
    """
    _lock(session, found)
    current = policies.revision_of(found.request)
    if Draft.of(found.request) == draft:
        return current
    if current != revision:
        raise StaleDraft(_l("Cette réponse a été enregistrée depuis un autre onglet ou un autre appareil."))
    found.request.draft = {**draft.to_document(), "revision": current + 1}
    session.flush()
    return current + 1


def sign(session: Session, actor: Actor | None, found: Asked, *, revision: int, name: str, secret: str = "") -> None:
    """Freeze the answer under the referent's name; by mail it is proposed as evidence at once.

    `secret` is the one of the link it came by, kept in the copy for who would say that it was not them.
    """
    _lock(session, found)
    draft = Draft.of(found.request)
    if policies.revision_of(found.request) != revision:
        raise StaleDraft(_l("La réponse a changé depuis que vous l’avez relue. Relisez-la, puis signez."))
    if draft.is_empty:
        raise Invalid(_l("Aucun critère n’a encore de réponse."))
    require_anonymous(session, found.enrolment.id, policies.texts_of(draft))
    now, seen = clock.now(), draft.frozen()
    answer = ObservationAnswer(
        id=new_id(), request_id=found.request.id, seen=seen, comment=draft.comment, signed_name=name, signed_at=now,
        digest=policies.digest_of(found.request, seen, draft.comment, name, now),
    )  # fmt: skip
    session.add(answer)
    found.request.answered_at, found.request.draft = now, {}
    session.flush()
    signed = queries.asked(session, found.request.id)
    _record(session, actor, "observations:answer:signed", signed, way=found.request.way.value, digest=answer.digest)
    _send_copy(session, signed, secret)
    if found.request.way is Way.MAIL:
        _propose(session, signed)
        outbox.send(session, "observations.answered", request_id=found.request.id)


def countersign(session: Session, actor: Actor, found: Asked) -> None:
    """Have the trainee sign what was answered beside them: both signatures make it evidence."""
    session.refresh(found.request, with_for_update=True)
    if found.answer is None or found.state is not RequestState.TO_SIGN:
        raise Conflict(_l("Cette réponse n’attend pas votre signature."))
    found.answer.trainee_signed_at = clock.now()
    _record(session, actor, "observations:answer:countersigned", found)
    _propose(session, found)


def decline(session: Session, found: Asked) -> None:
    """Note that the person who got the link will not answer; what was being written is forgotten."""
    _lock(session, found)
    found.request.declined_at, found.request.draft = clock.now(), {}
    _record(session, None, "observations:request:declined", found)
    outbox.send(session, "observations.declined", request_id=found.request.id)


def contest(session: Session, found: Asked) -> None:
    """Note that the referent never gave this answer: what it proves waits for a trainer again. Once is enough."""
    session.refresh(found.request, with_for_update=True)
    if found.answer is None:
        raise LinkClosed(_l("Aucune réponse n’a été donnée avec ce lien."))
    session.refresh(found.answer)
    if found.answer.contested_at is not None:
        return
    found.answer.contested_at = clock.now()
    _record(session, None, "observations:answer:contested", found)
    reopen(session, found.answer.id, contested_at=found.answer.contested_at)
    outbox.send(session, "observations.contested", request_id=found.request.id)


def _lock(session: Session, found: Asked) -> None:
    """Make everybody else who answers wait, and go on only if the request still waits."""
    session.refresh(found.request, with_for_update=True)
    is_answered = found.request.answered_at is not None
    if is_answered or found.state is not RequestState.WAITING:
        raise LinkClosed(_l("Ce lien n’attend plus de réponse."))


def _send_copy(session: Session, signed: Asked, secret: str) -> None:
    if not signed.request.referent_email:
        return
    if not secret:
        # Answered on the trainee's device: the link of the copy is the first to leave.
        secret = secrets.token_urlsafe(32)
        signed.request.token_digest = token_digest(secret)
    mails.copy(session, signed, queries.lines_of(signed), secret)


def _propose(session: Session, signed: Asked) -> None:
    """Propose the answer as a piece of evidence for what was seen; « non observé » proves nothing."""
    request, answer = signed.request, signed.answer
    assert answer is not None  # an answer is what is proposed
    codes = _today(session, signed, policies.observed(answer.seen, request.indicators))
    if not codes or not evidence_rules.may_add(signed.enrolment.state):
        return
    author = Actor(signed.enrolment.user_id, signed.trainee.name)
    evidence.propose(
        session, author, signed.enrolment, kind="observation", title=_title(request, answer), account=answer.comment,
        facts=_facts(signed), links=dict.fromkeys(codes, ""), identity=answer.id,
    )  # fmt: skip


def _today(session: Session, signed: Asked, codes: list[str]) -> list[str]:
    """Return the codes under which what was seen counts on the version the trainee is on now."""
    present = signed.enrolment.framework_version_id
    followed = carried(session, signed.request.framework_version_id, present)
    if followed is None:
        return codes
    wanted = {code for one in codes for code in followed.get(one, ())}
    return [one.code for one in framework_of(session, present).indicators if one.code in wanted]


def _title(request: ObservationRequest, answer: ObservationAnswer) -> str:
    at = day(answer.signed_at)
    if not request.referent_role:
        return str(_l("Observation de terrain du %(day)s", day=at))
    return str(_l("Observation de terrain du %(day)s : %(role)s", day=at, role=request.referent_role))[:160]


def _facts(signed: Asked) -> dict[str, Any]:
    request, answer = signed.request, signed.answer
    assert answer is not None  # the facts are those of an answer
    return {
        "request_id": str(request.id), "framework_version_id": str(request.framework_version_id),
        "framework_version": signed.framework.version, "way": request.way.value, "name": answer.signed_name,
        "role": request.referent_role, "seen": answer.seen, "comment": answer.comment, "digest": answer.digest,
        "signed_at": answer.signed_at.isoformat(),
        "trainee_signed_at": answer.trainee_signed_at and answer.trainee_signed_at.isoformat(),
        "meeting_id": request.meeting_id and str(request.meeting_id),
        "meeting_at": signed.meeting.starts_at.isoformat() if signed.meeting else None,
    }  # fmt: skip


def _record(session: Session, actor: Actor | None, tag: str, found: Asked, **facts: Any) -> None:
    audit.record(session, actor, tag, found.request, organisation_id=found.request.training_body_id, **facts)
