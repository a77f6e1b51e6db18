"""Pages of moves, and every page of somebody who was moved."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import Assessment
from certify.certificates.models import Certificate
from certify.cohorts.models import Cohort, Enrolment
from certify.core.access import Role
from certify.core.db import db
from certify.demo import loading
from certify.evidence.models import EvidenceItem
from certify.frameworks.models import FrameworkVersion
from certify.juries.models import Candidacy, JurySeat, JurySession
from certify.logbook.models import LogbookEntry
from certify.organisations.models import Membership, Organisation
from certify.revisions import policies, queries, services
from tests.factories.assessments import make_accepted_evidence, make_signed
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.juries import add_candidate, make_jury, opened
from tests.factories.logbook import make_submitted, make_trainer
from tests.factories.people import actor_of, make_member, make_organisation
from tests.factories.versions import make_revised_version
from tests.services.every_page import texts
from tests.services.signing_in import SignIn, signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words


def _coordinator(session: Session, cohort: Cohort) -> User:
    return make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.COORDINATOR)


def _revised(session: Session, cohort: Cohort) -> FrameworkVersion:
    return make_revised_version(session, session.get_one(FrameworkVersion, cohort.framework_version_id))


def test_a_cohort_without_a_later_version_says_so(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    page = visit(sign_in(_coordinator(session, cohort)), f"/cohorts/{cohort.id}/versions")
    assert "Aucune version plus récente" in words(page)


def test_a_coordinator_reads_what_would_change_then_moves_one_person_then_all(
    session: Session, sign_in: SignIn
) -> None:
    cohort = make_cohort(session)
    first, second = make_enrolment(session, cohort), make_enrolment(session, cohort)
    make_accepted_evidence(session, first, ["1.3.2"])
    make_signed(session, first)
    version = _revised(session, cohort)
    client = sign_in(_coordinator(session, cohort))
    index = visit(client, f"/cohorts/{cohort.id}/versions")
    link = index.select_one(f"main a[href$='{version.id}']")
    assert link is not None
    page = visit(client, str(link["href"]))
    assert "1 sans indicateur" in words(page)
    assert "retirés : 1.3.2" in words(page)
    page = follow(client, submit(client, page, "main form", whom="some", enrolments=[str(first.id)], reason="Adoptée."))
    assert "1 personne est passée à la version 2026.1. La promotion suivra" in words(page)
    assert "déjà à cette version" in words(page)
    page = follow(client, submit(client, page, "main form", reason="Adoptée."))
    assert "et la promotion avec elle" in words(page)
    assert "Toute la promotion est à la version 2026.1." in words(page)
    session.expire_all()
    assert session.get_one(Enrolment, second.id).framework_version_id == version.id
    history = visit(client, f"/enrolments/{first.id}/versions")
    assert "De la version 2026 à la version 2026.1" in words(history)
    assert "Adoptée." in words(history)


def test_a_move_without_a_reason_or_without_anybody_is_refused_on_its_page(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    make_enrolment(session, cohort)
    version = _revised(session, cohort)
    client = sign_in(_coordinator(session, cohort))
    page = visit(client, f"/cohorts/{cohort.id}/versions/{version.id}")
    page = read(submit(client, page, "main form", reason=" "), status=422)
    assert "Écrivez le motif" in words(page)
    page = read(submit(client, page, "main form", whom="some", reason="Motif"), status=422)
    assert "Cochez au moins une personne." in words(page)


def test_who_is_before_a_jury_is_shown_with_the_reason_and_stays(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    here, presented = make_enrolment(session, cohort), make_enrolment(session, cohort)
    prepared = make_jury(session, 0, cohort=cohort)
    add_candidate(session, prepared, presented)
    opened(session, prepared)
    version = _revised(session, cohort)
    client = sign_in(_coordinator(session, cohort))
    page = visit(client, f"/cohorts/{cohort.id}/versions/{version.id}")
    assert f"dossier présenté à la session de jury {prepared.jury.reference}" in words(page)
    follow(client, submit(client, page, "main form", reason="Adoptée."))
    session.expire_all()
    assert session.get_one(Enrolment, here.id).framework_version_id == version.id
    assert session.get_one(Enrolment, presented.id).framework_version_id != version.id


def test_a_long_move_shows_how_far_it_has_got(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "AT_ONCE", 1)
    cohort = make_cohort(session)
    for _ in range(3):
        make_enrolment(session, cohort)
    version = _revised(session, cohort)
    client = sign_in(_coordinator(session, cohort))
    page = visit(client, f"/cohorts/{cohort.id}/versions/{version.id}")
    page = follow(client, submit(client, page, "main form", reason="Adoptée."))
    assert "Passage en cours" in words(page)
    assert "0 sur 3" in words(page)
    run_jobs()
    page = visit(client, f"/cohorts/{cohort.id}/versions/{version.id}")
    assert "Passage en cours" not in words(page)
    assert "Toute la promotion est à la version 2026.1." in words(page)


def test_the_preview_page_costs_the_same_for_ten_trainees_and_for_two_hundred(
    session: Session, sign_in: SignIn
) -> None:
    counts = []
    for people in (10, 200):
        cohort = make_cohort(session)
        for _ in range(people):
            make_accepted_evidence(session, make_enrolment(session, cohort), ["1.1.1"])
        version = _revised(session, cohort)
        client = sign_in(_coordinator(session, cohort))
        client.get(f"/cohorts/{cohort.id}/versions/{version.id}")
        with count_statements(db.engine) as statements:
            page = client.get(f"/cohorts/{cohort.id}/versions/{version.id}")
        assert page.get_data(as_text=True).count('name="enrolments"') == people
        counts.append(len(statements))
    assert counts[0] == counts[1], counts


def test_the_versions_of_others_are_not_found(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    enrolment = make_enrolment(session, cohort)
    version, foreign = _revised(session, cohort), _revised(session, make_cohort(session))
    stranger = sign_in(make_member(session, make_organisation(session), Role.COORDINATOR))
    for address in (f"/cohorts/{cohort.id}/versions", f"/enrolments/{enrolment.id}/versions"):
        assert stranger.get(address).status_code == 404
    assert stranger.get(f"/cohorts/{cohort.id}/versions/{version.id}").status_code == 404
    own = sign_in(_coordinator(session, cohort))
    assert own.get(f"/cohorts/{cohort.id}/versions/{foreign.id}").status_code == 404
    trainer = sign_in(make_trainer(session, enrolment))
    assert trainer.get(f"/cohorts/{cohort.id}/versions").status_code == 403


def test_the_staff_reads_a_submitted_entry_in_the_words_it_was_written_on(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    entry = make_submitted(session, enrolment, indicators=("1.1.1", "1.3.2"))
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    actor, version = actor_of(session, _coordinator(session, cohort)), _revised(session, cohort)
    services.ask(session, actor, cohort, version, [enrolment.id], reason="Adoptée.")
    trainer = sign_in(make_trainer(session, enrolment))
    for address in (f"/logbook/{entry.id}", f"/reviews/{entry.id}"):
        shown = words(visit(trainer, address))
        assert "1.1.1" in shown
        assert "1.3.2" in shown
        assert "Fiche soumise sur la version 2026 du référentiel" in shown
    author = sign_in(session.get_one(User, enrolment.user_id))
    assert "1.1.9" in words(visit(author, f"/logbook/{entry.id}"))


@pytest.mark.engines("sqlite")
@pytest.mark.settings(require_second_factor=False)
def test_every_page_still_opens_once_the_demonstration_has_moved(app: Flask, session: Session) -> None:
    loading.load(1, lambda _message: None)
    session.expire_all()
    people, objects = _everybody(session), _objects(session)
    before = _statuses(app, people, objects)
    assert _move_everybody(session)
    after = _statuses(app, people, objects)
    changed = {key: (status, after[key]) for key, status in before.items() if after[key] != status}
    assert changed == {}


def _move_everybody(session: Session) -> int:
    moved = 0
    for cohort in list(session.scalars(select(Cohort))):
        version = make_revised_version(session, session.get_one(FrameworkVersion, cohort.framework_version_id))
        membership = session.scalars(
            select(Membership).where(
                Membership.organisation_id == cohort.training_body_id, Membership.role == Role.COORDINATOR
            )
        ).first()
        assert membership is not None
        actor = actor_of(session, session.get_one(User, membership.user_id))
        found = queries.preview(session, cohort, version)
        chosen = [one.enrolment.id for one in found.movable]
        if chosen:
            moved += services.ask(session, actor, cohort, version, chosen, reason="Nouvelle version.").moved
    session.commit()
    return moved


def _objects(session: Session) -> dict[str, Collection[Any]]:
    proved = select(Enrolment.id).order_by(Enrolment.covered.desc(), Enrolment.id).limit(3)
    theirs = list(session.scalars(proved))
    return {
        "cohort_id": _ids(session, Cohort), "enrolment_id": theirs, "jury_id": _ids(session, JurySession),
        "entry_id": _of(session, LogbookEntry, theirs), "item_id": _of(session, EvidenceItem, theirs)[:4],
        "assessment_id": _of(session, Assessment, theirs), "candidacy_id": _of(session, Candidacy, theirs),
        "certificate_id": _ids(session, Certificate), "code": ["3.1", "1.3"],
    }  # fmt: skip


def _statuses(
    app: Flask, people: Collection[User], objects: Mapping[str, Collection[Any]]
) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for person in people:
        name, client = person.name, signed_in_client(app, person)
        for _endpoint, address, status, _text in texts(client, app, objects):
            assert status < 500, f"{name} {address} answered {status}"
            found[name, address] = status
    return found


def _of(session: Session, kind: type[Any], enrolments: Collection[Any]) -> list[Any]:
    """Return up to a dozen rows of some trainees."""
    rows = select(kind.id).where(kind.enrolment_id.in_(enrolments)).order_by(kind.id)
    return list(session.scalars(rows.limit(12)))


def _everybody(session: Session) -> list[User]:
    """Return a coordinator, a trainer, a registrar, who presides a jury, and the trainee who proved the most."""
    people = []
    for role in (Role.COORDINATOR, Role.TRAINER, Role.REGISTRAR):
        query = select(User).join(Membership, Membership.user_id == User.id).where(Membership.role == role)
        people.append(session.scalars(query.order_by(User.id)).first())
    presides = select(User).join(JurySeat, JurySeat.user_id == User.id).where(JurySeat.is_president.is_(True))
    people.append(session.scalars(presides.order_by(User.id)).first())
    trainees = select(User).join(Enrolment, Enrolment.user_id == User.id)
    people.append(session.scalars(trainees.order_by(Enrolment.covered.desc(), Enrolment.id)).first())
    return [person for person in people if person is not None]


def _ids(session: Session, kind: type[Any]) -> list[Any]:
    return list(session.scalars(select(kind.id).order_by(kind.id)))
