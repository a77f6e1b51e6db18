"""The CASE service: open frameworks for anybody, in the shapes of the specification, the others for nobody."""

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import competencies
from certify.frameworks import services
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import public
from competencies.exchange import case
from tests.competencies import case_schema
from tests.factories.people import make_certifying_body
from tests.services.statements import count_statements

PATH = "/ims/case/v1p1"
SMALL = replace(competencies.demo(), blocks=competencies.demo().blocks[:1])
UNKNOWN = str(uuid.uuid4())


def opened(session: Session, number: str = "2026", *, is_public: bool = True) -> FrameworkVersion:
    body = make_certifying_body(session)
    version = services.adopt(session, None, body, replace(SMALL, version=number))
    version.is_public = is_public
    session.commit()
    return version


def get(client: FlaskClient, path: str, status: int = 200) -> Any:
    answer = client.get(f"{PATH}/{path}")
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/json"
    return json.loads(answer.data)


def document_of(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = get(client, "CFDocuments")["CFDocuments"][0]
    return found


def without(part: dict[str, Any], link: str) -> dict[str, Any]:
    """What a package holds of a part: the link to its document or package is of single answers only."""
    assert case_schema.faults_of(part[link], "LinkURI") == []
    return {key: value for key, value in part.items() if key != link}


def test_open_documents_are_listed_for_anybody(session: Session, client: FlaskClient) -> None:
    opened(session)
    opened(session, "2025", is_public=False)
    answer = client.get(f"{PATH}/CFDocuments")
    assert answer.headers["X-Total-Count"] == "1"
    (document,) = json.loads(answer.data)["CFDocuments"]
    assert case_schema.faults_of(without(document, "CFPackageURI"), "CFPckgDocument") == []
    assert document["version"] == "2026"
    assert document["CFPackageURI"]["uri"].endswith(f"{PATH}/CFPackages/{document['identifier']}")


def test_a_package_is_the_whole_framework_and_is_read_back(session: Session, client: FlaskClient) -> None:
    opened(session)
    key = document_of(client)["identifier"]
    package = get(client, f"CFPackages/{key}")
    assert case_schema.faults_of(package) == []
    assert case.read(json.dumps(package)).framework == SMALL
    assert get(client, f"CFDocuments/{key.upper()}")["identifier"] == key


def test_each_part_has_its_own_address(session: Session, client: FlaskClient) -> None:
    opened(session)
    package = get(client, f"CFPackages/{document_of(client)['identifier']}")
    item, association, rubric = (package[kind][0] for kind in ("CFItems", "CFAssociations", "CFRubrics"))
    for row, path, part in ((item, "CFItems", "CFPckgItem"), (association, "CFAssociations", "CFPckgAssociation")):
        single = get(client, f"{path}/{row['identifier']}")
        assert without(single, "CFDocumentURI") == row
        assert case_schema.faults_of(row, part) == []
    assert get(client, f"CFRubrics/{rubric['identifier']}") == rubric
    assert case_schema.faults_of(rubric, "CFRubric") == []
    level = rubric["CFRubricCriteria"][0]["CFRubricCriterionLevels"][0]
    assert get(client, f"CFRubrics/{level['identifier']}") == rubric
    kind = get(client, f"CFItemTypes/{item['CFItemTypeURI']['identifier']}")
    assert case_schema.faults_of(kind["CFItemTypes"][0], "CFItemType") == []
    around = get(client, f"CFItemAssociations/{item['identifier']}")
    assert around["CFItem"] == item
    assert len(around["CFAssociations"]) == 1 + len(SMALL.blocks[0].competencies)


def test_addresses_written_in_a_package_answer(session: Session, client: FlaskClient) -> None:
    opened(session)
    package = get(client, f"CFPackages/{document_of(client)['identifier']}")
    uris = {row["uri"] for part in ("CFItems", "CFAssociations", "CFRubrics") for row in package[part][:3]}
    uris |= {row["uri"] for row in (package["CFDocument"], *package["CFDefinitions"]["CFItemTypes"])}
    uris |= {row["originNodeURI"]["uri"] for row in package["CFAssociations"][:3]}
    for uri in uris:
        assert client.get(uri[uri.index(PATH) :]).status_code == 200


def test_identifiers_stay_when_the_content_is_asked_again(session: Session, client: FlaskClient) -> None:
    version = opened(session)
    first = get(client, f"CFPackages/{document_of(client)['identifier']}")
    public._packages.clear()
    public._indexes.clear()
    assert get(client, f"CFPackages/{document_of(client)['identifier']}") == first
    other = opened(session)
    keys = {row["identifier"] for row in get(client, "CFDocuments")["CFDocuments"]}
    assert len(keys) == 2
    assert version.certifying_body_id != other.certifying_body_id


@pytest.mark.parametrize("kind", ["CFDocuments", "CFPackages", "CFItems", "CFAssociations", "CFItemTypes", "CFRubrics"])
def test_what_is_unknown_is_refused_as_the_specification_says(session: Session, client: FlaskClient, kind: str) -> None:
    opened(session)
    for wrong, minor in ((UNKNOWN, "unknownobject"), ("12", "invaliduuid"), ("é%00", "invaliduuid")):
        status = get(client, f"{kind}/{wrong}", 404)
        assert (status["imsx_codeMajor"], status["imsx_severity"]) == ("failure", "error")
        (field,) = status["imsx_codeMinor"]["imsx_codeMinorField"]
        assert field["imsx_codeMinorFieldValue"] == minor


def test_a_part_is_not_given_under_the_address_of_another_kind(session: Session, client: FlaskClient) -> None:
    opened(session)
    package = get(client, f"CFPackages/{document_of(client)['identifier']}")
    item = package["CFItems"][-1]["identifier"]
    for kind in ("CFDocuments", "CFPackages", "CFAssociations", "CFRubrics", "CFItemTypes"):
        assert get(client, f"{kind}/{item}", 404)["imsx_codeMajor"] == "failure"


def test_what_is_closed_or_a_draft_is_for_nobody(session: Session, client: FlaskClient) -> None:
    version = opened(session)
    package = get(client, f"CFPackages/{document_of(client)['identifier']}")
    version.is_public = False
    draft = services.import_framework(session, None, make_certifying_body(session), SMALL)
    draft.is_public = True
    session.commit()
    assert get(client, "CFDocuments") == {"CFDocuments": []}
    get(client, f"CFDocuments/{package['CFDocument']['identifier']}", 404)
    get(client, f"CFItems/{package['CFItems'][0]['identifier']}", 404)


def test_an_archived_version_stays_open(session: Session, client: FlaskClient) -> None:
    opened(session).state = VersionState.ARCHIVED
    session.commit()
    assert document_of(client)["version"] == "2026"


def test_documents_come_a_page_at_a_time_in_the_order_asked_for(session: Session, client: FlaskClient) -> None:
    for number in ("3", "1", "2"):
        opened(session, number)
    answer = client.get(f"{PATH}/CFDocuments?limit=2&sort=version&orderBy=desc")
    assert [row["version"] for row in json.loads(answer.data)["CFDocuments"]] == ["3", "2"]
    assert answer.headers["X-Total-Count"] == "3"
    link = answer.headers["Link"]
    assert 'offset=2&sort=version&orderBy=desc>; rel="next"' in link
    assert 'rel="prev"' not in link
    last = client.get(f"{PATH}/CFDocuments?limit=2&offset=2&sort=version&orderBy=desc")
    assert [row["version"] for row in json.loads(last.data)["CFDocuments"]] == ["1"]
    assert 'rel="next"' not in last.headers["Link"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=a", "offset=-1", "limit=1%00", "sort=secret", "orderBy=up", f"offset={'9' * 30}"]
)
@pytest.mark.engines("sqlite")
def test_a_question_that_makes_no_sense_is_refused_with_its_reason(client: FlaskClient, query: str) -> None:
    assert get(client, f"CFDocuments?{query}", 400)["imsx_codeMajor"] == "failure"


def test_every_answer_costs_two_statements_at_most_besides_counting(session: Session, client: FlaskClient) -> None:
    opened(session)
    package = get(client, f"CFPackages/{document_of(client)['identifier']}")
    item = package["CFItems"][-1]["identifier"]
    costs = []
    for _ in range(2):
        with count_statements(session.get_bind()) as listing:  # type: ignore[arg-type]
            get(client, "CFDocuments")
        with count_statements(session.get_bind()) as single:  # type: ignore[arg-type]
            get(client, f"CFItems/{item}")
        costs.append((len(listing), len(single)))
        for number in range(4):
            opened(session, f"{_}.{number}")
        public._packages.clear()
    assert max(count for pair in costs for count in pair) <= 4
    assert costs[1][1] <= 3
