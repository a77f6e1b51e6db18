"""Grids on the scale of their kind, and what they say on the certification scale, also of an earlier version."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from certify.accounts.models import User
from certify.assessments import policies, queries, services
from certify.assessments.models import Assessment, AssessmentKind, Standing
from certify.assessments.policies import Rated
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.errors import Invalid
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from tests.factories.assessments import INDICATORS, make_draft, make_own, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of
from tests.factories.scales import make_scaled_enrolment
from tests.factories.versions import make_revised_version
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import follow, submit, visit, words


def on_steps(level: str = "alone", **others: str | None) -> dict[str, Rated]:
    """Answer every indicator on the scales of the training."""
    ratings = whole_grid(level, **others)
    own = {code: Rated("seen") for code in INDICATORS if code.startswith("1.1.") and code not in others}
    return ratings | own


def levels_of(session: Session, enrolment: Enrolment) -> dict[str, str]:
    return dict(session.get_one(Standing, enrolment.id).competencies)


@pytest.mark.parametrize(
    ("code", "level"), [("2.1.1", "acquired"), ("1.1.1", "alone"), ("1.1.1", "acquired"), ("2.1.1", "seen")]
)
def test_a_formative_grid_takes_only_the_levels_of_each_indicator_s_scale(
    session: Session, code: str, level: str
) -> None:
    draft = make_draft(session, make_scaled_enrolment(session))
    actor = actor_of(session, session.get_one(User, draft.assessor_id))
    with pytest.raises(Invalid):
        services.save(session, actor, draft, revision=1, comment="", ratings={code: Rated(level)})


def test_an_examination_is_made_on_the_certification_scale(session: Session) -> None:
    enrolment = make_scaled_enrolment(session)
    draft = make_draft(session, enrolment, kind=AssessmentKind.EXAMINATION)
    actor = actor_of(session, session.get_one(User, draft.assessor_id))
    services.save(session, actor, draft, revision=1, comment="", ratings={"1.1.1": Rated("acquired")})
    with pytest.raises(Invalid):
        services.save(session, actor, draft, revision=2, comment="", ratings={"2.1.1": Rated("alone")})


def test_levels_of_the_training_are_said_on_the_certification_scale(session: Session) -> None:
    enrolment = make_scaled_enrolment(session)
    make_signed(session, enrolment, ratings=on_steps(**{"2.1.1": "guided", "1.2.1": "new"}))
    found = levels_of(session, enrolment)
    assert (found["1.1"], found["2.1"], found["2.2"]) == ("acquired", "partly_acquired", "acquired")
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"), kind=AssessmentKind.EXAMINATION)
    assert levels_of(session, enrolment)["1.1"] == "not_acquired"
    said = queries.latest_ratings(session, enrolment.id)["2.1.1"]
    assert {(line.level, line.given.code if line.given else "") for line in said} == {
        ("partly_acquired", "guided"), ("not_acquired", "not_acquired")
    }  # fmt: skip


def test_the_grid_shows_the_scale_of_each_indicator(app: Flask, session: Session) -> None:
    enrolment = make_scaled_enrolment(session)
    trainer = make_trainer(session, enrolment)
    draft = make_draft(session, enrolment, trainer)
    examination = make_draft(session, enrolment, trainer, kind=AssessmentKind.EXAMINATION)
    session.commit()
    client = signed_in_client(app, trainer)
    page = visit(client, f"/assessments/{draft.id}/edit")
    values = {code: [one["value"] for one in page.select(f"input[name='level-{code}']")] for code in ("1.1.1", "2.1.1")}
    assert values == {"1.1.1": ["seen", "unseen", "none"], "2.1.1": ["expert", "alone", "guided", "new", "none"]}
    assert "2.1.1 : autonome" in " ".join(page.find(id="level-2.1.1").get_text().split())
    certifying = visit(client, f"/assessments/{examination.id}/edit")
    choices = [one["value"] for one in certifying.select("input[name='level-2.1.1']")]
    assert choices == ["acquired", "partly_acquired", "not_acquired", "none"]
    descriptors = " ".join(certifying.select_one("[id='level-2.1.1'] .indicator-levels").get_text().split())
    assert descriptors.index("autonome") < descriptors.index("ressource") < descriptors.index("débute")


def test_a_signed_grid_is_read_with_the_words_of_its_own_scale(app: Flask, session: Session) -> None:
    enrolment = make_scaled_enrolment(session)
    trainer = make_trainer(session, enrolment)
    signed = make_signed(session, enrolment, trainer, on_steps(**{"2.1.1": "guided"}))
    session.commit()
    page = visit(signed_in_client(app, trainer), f"/assessments/{signed.id}")
    row = " ".join(page.find(id="i-2.1.1").get_text().split())
    assert "accompagné·e" in row
    assert "2.1.1 : accompagné·e" in row
    assert page.find(id="i-1.1.1").select_one(".level.a") is not None


def moved(session: Session, enrolment: Enrolment) -> FrameworkVersion:
    """Move an enrolment to a revised version."""
    later = make_revised_version(session, session.get_one(FrameworkVersion, enrolment.framework_version_id))
    enrolment.framework_version_id = later.id
    session.flush()
    return later


def test_what_was_signed_on_an_earlier_version_counts_on_the_present_one(session: Session) -> None:
    enrolment = make_enrolment(session)
    signed = make_signed(
        session, enrolment, ratings=whole_grid(**{"1.1.1": "partly_acquired", "1.2.1": "not_acquired"})
    )
    moved(session, enrolment)
    found = queries.signed_appraisals(session, enrolment.id)
    levels = {one.indicator: one.level for one in found if one.indicator != "1.2.9"}
    assert (levels["1.1.9"], levels["1.3.8"], levels["1.3.9"]) == ("partly_acquired", "acquired", "acquired")
    assert sorted(one.level or "" for one in found if one.indicator == "1.2.9") == ["acquired", "not_acquired"]
    assert "1.1.1" not in levels
    assert services.rebuild_standings(session, [enrolment.id, uuid.uuid4()]) == 1
    assert levels_of(session, enrolment)["1.2"] == "partly_acquired"
    assert services.rebuild_standings(session, []) == 0
    assert signed.seal == policies.seal_of(signed, signed.framework_version_id, signed.ratings)


def test_a_grid_begun_on_an_earlier_version_is_signed_on_it(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    draft = make_draft(session, enrolment, trainer)
    actor = actor_of(session, trainer)
    first_version = enrolment.framework_version_id
    moved(session, enrolment)
    services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid())
    signed = services.sign(session, actor, draft)
    session.commit()
    assert signed.framework_version_id == first_version
    page = visit(signed_in_client(app, trainer), f"/assessments/{signed.id}")
    assert page.find(id="i-1.1.1") is not None
    assert levels_of(session, enrolment)["1.1"] == "acquired"


def test_a_correction_opens_on_the_present_version_with_what_was_rated_carried_there(session: Session) -> None:
    enrolment = make_enrolment(session)
    ratings = whole_grid(**{"1.2.1": "not_acquired"}) | {
        "1.2.2": Rated("acquired", comment="Vu deux fois"), "1.3.2": Rated("acquired", comment="Abandonné")
    }  # fmt: skip
    signed = make_signed(session, enrolment, ratings=ratings)
    later = moved(session, enrolment)
    draft = services.correct(session, actor_of(session, session.get_one(User, signed.assessor_id)), signed)
    rows = {row.indicator: row for row in draft.ratings}
    assert draft.framework_version_id == later.id
    assert {"1.1.9", "1.3.8", "1.3.9"} <= rows.keys()
    assert not {"1.1.1", "1.2.1", "1.2.2", "1.3.2"} & rows.keys()
    assert (rows["1.2.9"].level, rows["1.2.9"].comment) == ("not_acquired", "Vu deux fois")


def test_a_confidence_is_declared_in_a_self_assessment_saved_read_and_sealed(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, session.get_one(User, enrolment.user_id))
    session.commit()
    grid = follow(client, submit(client, visit(client, "/self-assessment"), "#next form"))
    options = [one.get_text() for one in grid.select("select[name='confidence-1.1.1'] option")]
    assert options == ["je ne le dis pas", "pas sûr·e", "plutôt pas sûr·e", "plutôt sûr·e", "tout à fait sûr·e"]
    values = {f"level-{code}": "acquired" for code in INDICATORS} | {"confidence-1.1.1": "2"}
    confirm = follow(client, submit(client, grid, "#grid", press="Relire et signer", **values))
    again = visit(client, str(confirm.select_one("a.btn[href$='/edit']")["href"]))
    assert again.select_one("select[name='confidence-1.1.1'] option[selected]")["value"] == "2"
    signed = follow(client, submit(client, confirm, "#sign", press="Signer mon auto-évaluation"))
    assert "Confiance : plutôt pas sûr·e" in " ".join(signed.find(id="i-1.1.1").get_text().split())
    row = session.scalars(select(Assessment).options(selectinload(Assessment.ratings))).one()
    assert [one.confidence for one in row.ratings if one.confidence] == [2]
    assert row.seal == policies.seal_of(row, row.framework_version_id, row.ratings)


@pytest.mark.parametrize("confidence", [0, 5])
def test_a_confidence_outside_the_four_answers_is_refused(session: Session, confidence: int) -> None:
    with pytest.raises(Invalid):
        make_own(session, ratings=whole_grid() | {"1.1.1": Rated("acquired", confidence=confidence)})


def test_an_assessor_declares_no_confidence(session: Session) -> None:
    with pytest.raises(Invalid):
        make_signed(session, ratings=whole_grid() | {"1.1.1": Rated("acquired", confidence=4)})


def test_a_self_assessment_of_any_confidence_changes_no_standing(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"))
    before = levels_of(session, enrolment)
    make_own(session, enrolment, whole_grid("acquired") | {"1.1.1": Rated("acquired", confidence=4)})
    services.rebuild_standings(session)
    assert levels_of(session, enrolment) == before


def test_each_kind_is_explained_where_it_is_chosen(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    session.commit()
    page = visit(signed_in_client(app, trainer), f"/trainees/{enrolment.id}/assessments")
    for radio in page.select("input[name=kind]"):
        said = page.find(id=str(radio["aria-describedby"]))
        assert said is not None
        assert said.get_text().strip().endswith(".")
    assert len(page.select("input[name=kind]")) == 4
    assert "Auto-évaluation" not in words(page.select_one("main form"))


def test_reading_what_counts_takes_as_many_statements_whatever_the_versions_and_the_history(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment)
    moved(session, enrolment)
    session.commit()
    counts = []
    for turn in range(3):
        make_signed(
            session, enrolment, ratings=_present(session, enrolment), held_on=clock.today() - timedelta(days=turn)
        )
        session.commit()
        session.expire_all()
        queries.standing_of(session, enrolment)
        with count_statements(session.get_bind()) as statements:
            queries.standing_of(session, enrolment)
            queries.latest_ratings(session, enrolment.id)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 5, counts


def _present(session: Session, enrolment: Enrolment) -> dict[str, Rated]:
    framework = framework_of(session, enrolment.framework_version_id)
    return {one.code: Rated("acquired") for one in framework.indicators}
