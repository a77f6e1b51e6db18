"""A level retained in place of the proposed one: by whom, why, what follows, and what stands behind the proposal."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import queries, services
from certify.assessments.models import AssessmentKind, RetainedLevel, Standing
from certify.assessments.queries.behind import Weight
from certify.cohorts.models import Cohort, Enrolment
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from certify.organisations.models import Organisation
from competencies import Aggregation, Carried, Fate
from tests.factories.assessments import make_own, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_enrolment
from tests.factories.files import make_coordinator, make_rules
from tests.factories.juries import make_jury
from tests.factories.people import actor_of, make_member, make_organisation
from tests.factories.versions import make_later_version, mapped
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words


def retain(session: Session, enrolment: Enrolment, level: str | None = "acquired", **values: object) -> RetainedLevel:
    """Retain a level for competency 1.1 as a coordinator of the training body."""
    actor = actor_of(session, make_coordinator(session, enrolment))
    given = {"level": level, "comment": "Vu par la tutrice"} | values
    return services.retain(session, actor, enrolment, "1.1", **given)  # type: ignore[arg-type]


def level_of(session: Session, enrolment: Enrolment) -> str | None:
    return session.get_one(Standing, enrolment.id).competencies.get("1.1")


def test_the_retained_level_takes_the_place_of_the_proposed_one(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"))
    row = retain(session, enrolment, "acquired")
    assert (row.proposed, row.level, level_of(session, enrolment)) == ("not_acquired", "acquired", "acquired")
    assert queries.retained_of(session, [enrolment.id]) == {enrolment.id: {"1.1": "acquired"}}
    proposal = queries.standing_of(session, enrolment).competencies["1.1"]
    assert (proposal.level, proposal.proposed, proposal.is_retained) == ("acquired", "not_acquired", True)
    session.commit()
    tags = session.scalars(select(AuditEvent.tag).where(AuditEvent.object_id == row.id)).all()
    assert tags == ["assessment:level:retained"]


def test_a_new_signature_leaves_the_retained_level_in_force_and_a_rebuilding_too(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"))
    retain(session, enrolment, "partly_acquired")
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"))
    assert level_of(session, enrolment) == "partly_acquired"
    session.delete(session.get_one(Standing, enrolment.id))
    session.flush()
    services.rebuild_standings(session)
    assert level_of(session, enrolment) == "partly_acquired"


def test_the_competency_is_given_back_to_its_proposal_and_every_row_stays(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"))
    retain(session, enrolment, "acquired")
    retain(session, enrolment, None)
    assert level_of(session, enrolment) == "not_acquired"
    assert queries.retained_of(session, [enrolment.id]) == {}
    lines = queries.retained_history(session, enrolment, "1.1")
    assert [line.level.code if line.level else None for line in lines] == [None, "acquired"]
    with pytest.raises(Conflict):
        retain(session, enrolment, None)


@pytest.mark.parametrize(
    "values", [{"comment": "  "}, {"level": "excellent"}, {"level": "not_acquired"}], ids=["reason", "level", "same"]
)
def test_a_level_is_retained_with_a_reason_on_the_scale_and_other_than_the_one_in_force(
    session: Session, values: dict[str, str]
) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"))
    with pytest.raises(Invalid):
        retain(session, enrolment, **values)  # type: ignore[arg-type]


def test_an_unknown_competency_is_refused(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = actor_of(session, make_coordinator(session, enrolment))
    with pytest.raises(Invalid):
        services.retain(session, actor, enrolment, "9.9", level="acquired", comment="Motif")
    with pytest.raises(NotFound):
        queries.rows_behind(session, enrolment, "9.9")


def test_only_the_training_body_retains_and_never_on_one_s_own_path(session: Session) -> None:
    enrolment = make_enrolment(session)
    body = session.get_one(Organisation, enrolment.training_body_id)
    own = make_member(session, body, Role.COORDINATOR, session.get_one(User, enrolment.user_id))
    stranger = make_member(session, make_organisation(session), Role.COORDINATOR)
    referent = make_member(session, body, Role.REFERENT)
    for person in (own, stranger, referent):
        with pytest.raises(Forbidden):
            services.retain(session, actor_of(session, person), enrolment, "1.1", level="acquired", comment="Motif")


def test_a_retained_level_follows_to_the_version_that_keeps_the_competency_and_lapses_otherwise(
    session: Session,
) -> None:
    enrolment = make_enrolment(session)
    retain(session, enrolment, "acquired")
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    kept = make_later_version(session, version)
    enrolment.framework_version_id = kept.id
    assert queries.retained_of(session, [enrolment.id]) == {enrolment.id: {"1.1": "acquired"}}
    gone = _without_first_competency(session, kept)
    enrolment.framework_version_id = gone.id
    session.flush()
    assert queries.retained_of(session, [enrolment.id]) == {}
    assert [line.row.competency for line in queries.lapsed_levels(session, enrolment)] == ["1.1"]
    services.update_standing(session, enrolment)
    assert level_of(session, enrolment) is None


def _without_first_competency(session: Session, version: FrameworkVersion) -> FrameworkVersion:
    old = framework_of(session, version.id)
    first = old.blocks[0]
    blocks = (replace(first, competencies=first.competencies[1:]), *old.blocks[1:])
    dropped = [Carried(one.code, Fate.DROPPED) for one in first.competencies[0].indicators]
    new = replace(old, version=f"{old.version}.2", blocks=blocks)
    return make_later_version(session, version, new, mapped(old, dropped))


def test_every_rating_behind_a_level_says_whether_it_counts_and_why_not(session: Session) -> None:
    enrolment = make_enrolment(session)
    first, second = make_trainer(session, enrolment), make_trainer(session, enrolment)
    make_signed(session, enrolment, first, whole_grid("not_acquired"), kind=AssessmentKind.POSITIONING)
    make_signed(session, enrolment, first, whole_grid("not_acquired"))
    wrong = make_signed(session, enrolment, second, whole_grid("not_acquired"))
    correction = services.correct(session, actor_of(session, second), wrong)
    services.save(session, actor_of(session, second), correction, revision=1, comment="", ratings=whole_grid())
    services.sign(session, actor_of(session, second), correction)
    make_signed(session, enrolment, first, whole_grid("partly_acquired"))
    make_signed(session, enrolment, ratings=whole_grid(**{"1.1.1": None}))
    make_own(session, enrolment)
    behind = queries.rows_behind(session, enrolment, "1.1")
    rows = behind.indicators[0].rows
    assert {row.weight for row in rows} == set(Weight) - {Weight.RULE}
    assert [row.counts for row in rows].count(True) == 2
    assert behind.proposal.level == "partly_acquired"
    assert behind.proposal.rule is Aggregation.CAUTIOUS


def test_the_rule_of_the_programme_is_named_and_followed(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_rules(session, session.get_one(Cohort, enrolment.cohort_id), aggregation=Aggregation.HIGHEST)
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"))
    make_signed(session, enrolment, ratings=whole_grid("acquired"))
    assert level_of(session, enrolment) == "acquired"
    behind = queries.rows_behind(session, enrolment, "1.1")
    assert behind.proposal.rule is Aggregation.HIGHEST
    assert {row.weight for row in behind.indicators[0].rows} == {Weight.COUNTS, Weight.RULE}


def test_the_page_names_the_rule_shows_the_rows_and_takes_a_level(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    make_signed(session, enrolment, trainer, whole_grid("partly_acquired"))
    session.commit()
    client = signed_in_client(app, trainer)
    address = f"/trainees/{enrolment.id}/competencies/1.1"
    page = visit(client, address)
    assert "Prudente" in words(page)
    assert len(page.select("#i-1\\.1\\.1 tbody tr")) == 1
    refused = read(submit(client, page, "#retain form", level="acquired"), status=422)
    assert "Écrivez pourquoi" in words(refused)
    kept = follow(client, submit(client, page, "#retain form", level="acquired", comment="Observée en crèche"))
    assert "Le niveau retenu est enregistré" in words(kept)
    assert "Observée en crèche" in words(kept.find(id="history"))
    assert level_of(session, enrolment) == "acquired"
    back = follow(client, submit(client, kept, "#retain form", level="-", comment="Erreur de saisie"))
    assert "Retour au niveau proposé" in words(back.find(id="history"))
    session.expire_all()
    assert level_of(session, enrolment) == "partly_acquired"


def test_the_trainee_reads_the_page_about_themself_and_changes_nothing(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"))
    retain(session, enrolment, "acquired", comment="Vue en situation")
    mate = make_enrolment(session, session.get_one(Cohort, enrolment.cohort_id))
    session.commit()
    client = signed_in_client(app, session.get_one(User, enrolment.user_id))
    address = f"/trainees/{enrolment.id}/competencies/1.1"
    page = visit(client, address)
    assert "Vue en situation" in words(page)
    assert page.find(id="retain") is None
    token = str(page.select_one("input[name=csrf_token]")["value"])
    answer = client.post(f"{address}/retained", data={"csrf_token": token, "level": "not_acquired", "comment": "Non"})
    assert answer.status_code == 403
    assert level_of(session, enrolment) == "acquired"
    assert client.get(f"/trainees/{mate.id}/competencies/1.1").status_code == 404
    assert client.get(f"/trainees/{enrolment.id}/competencies/9.9").status_code == 404


def test_the_page_takes_as_many_statements_whatever_the_history(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    make_signed(session, enrolment, trainer)
    retain(session, enrolment, "not_acquired")
    client = signed_in_client(app, trainer)
    counts = []
    for turn in range(3):
        make_signed(session, enrolment)
        retain(session, enrolment, ("acquired", "partly_acquired")[turn % 2])
        session.commit()
        with count_statements(session.get_bind()) as statements:
            visit(client, f"/trainees/{enrolment.id}/competencies/1.1")
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2], counts


def test_the_jury_reads_the_retained_level_its_reason_and_what_was_proposed(app: Flask, session: Session) -> None:
    made = make_jury(session)
    enrolment = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"))
    retain(session, enrolment, "acquired", comment="Vue en situation")
    session.commit()
    page = visit(signed_in_client(app, made.members[1]), f"/candidacies/{made.candidacies[0].id}")
    said = words(page.find(id="block-1"))
    assert "Niveau retenu par l’organisme de formation : acquis" in " ".join(said.split())
    assert "Vue en situation" in said
    assert "les évaluations proposaient : non acquis" in " ".join(said.split())
