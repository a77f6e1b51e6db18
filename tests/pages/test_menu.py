"""The menu: each page stands under one line, and under one only."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.core.access import Role
from certify.organisations.models import Organisation
from tests.factories.assessments import make_signed
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member
from tests.services.signing_in import SignIn
from tests.services.visiting import visit


@pytest.fixture
def coordinator(session: Session, sign_in: SignIn) -> tuple[FlaskClient, dict[str, str]]:
    """Give a coordinator, and addresses by the line of the menu they stand under."""
    cohort = make_cohort(session)
    enrolment = make_enrolment(session, cohort)
    make_signed(session, enrolment)
    user = make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.COORDINATOR)
    session.commit()
    trainee = f"/trainees/{enrolment.id}"
    return sign_in(user), {
        f"/cohorts/{cohort.id}": "Promotions",
        f"/cohorts/{cohort.id}/agreement": "Promotions",
        f"/cohorts/{cohort.id}/attendance": "Promotions",
        f"{trainee}/file": "Promotions",
        f"{trainee}/competencies/1.1": "Évaluations",
        "/assessors": "Habilitations",
        "/assessors/new": "Habilitations",
        "/vae": "Dossiers de VAE",
        "/statistics": "Résultats",
        "/exports": "Mes fichiers",
    }


def test_a_page_stands_under_one_line_of_the_menu(coordinator: tuple[FlaskClient, dict[str, str]]) -> None:
    client, places = coordinator
    found = {
        address: [line.get_text(strip=True) for line in visit(client, address).select(".sidenav a[aria-current=page]")]
        for address in places
    }
    assert found == {address: [line] for address, line in places.items()}
