"""CASE packages: accepted by the official schema, stable identifiers, scales and rules carried, foreign ones read."""

import json
from copy import deepcopy
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies import Framework, demo
from competencies.exchange import Origin, case
from tests.competencies import case_schema
from tests.competencies.strategies import frameworks

LOCALES = st.sampled_from(["fr", "en"])
ORIGIN = Origin("https://certify.example.org/", "2026-06-12T14:02:00+02:00", "Organisme certificateur A")
properties = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@properties
@given(framework=frameworks(), locale=LOCALES)
def test_a_case_package_is_what_the_schema_asks_for(framework: Framework, locale: str) -> None:
    package = json.loads(case.write(framework, locale, ORIGIN))
    assert case_schema.faults_of(package) == []
    assert set(package) == {"CFDocument", "CFItems", "CFAssociations", "CFDefinitions", "CFRubrics"}
    head = package["CFDocument"]
    assert (head["caseVersion"], head["creator"], head["language"]) == ("1.1", ORIGIN.creator, locale)
    assert head["lastChangeDateTime"] == ORIGIN.changed
    assert head["uri"] == f"https://certify.example.org/ims/case/v1p1/CFDocuments/{head['identifier']}"
    keys = [head["identifier"]]
    keys += [row["identifier"] for part in ("CFItems", "CFAssociations", "CFRubrics") for row in package[part]]
    assert len(set(keys)) == len(keys)
    assert all(UUID(key).version == 5 and str(UUID(key)) == key for key in keys)
    known = {row["identifier"] for row in (head, *package["CFItems"])}
    for row in package["CFAssociations"]:
        assert {row["originNodeURI"]["identifier"], row["destinationNodeURI"]["identifier"]} <= known


@pytest.mark.parametrize(
    "spoil",
    [
        lambda package: package["CFDocument"].pop("creator"),
        lambda package: package["CFItems"][0].update(CFDocumentURI={}),
        lambda package: package["CFAssociations"][0].update(associationType="isParentOf"),
        lambda package: package["CFItems"][0].pop("identifier"),
        lambda package: package.update(more=1),
    ],
)
def test_the_schema_refuses_what_the_format_does_not_know(spoil: object) -> None:
    package = deepcopy(case.package(demo(), "fr", ORIGIN))
    assert callable(spoil)
    spoil(package)
    assert case_schema.faults_of(package) != []


@properties
@given(framework=frameworks(), locale=LOCALES)
def test_each_grid_describes_the_levels_its_indicator_is_assessed_on(framework: Framework, locale: str) -> None:
    package = json.loads(case.write(framework, locale, ORIGIN))
    for indicator, rubric in zip(framework.indicators, package["CFRubrics"], strict=True):
        (criterion,) = rubric["CFRubricCriteria"]
        ranks = [level.rank for level in framework.scale_of(indicator.code).levels]
        assert [level["score"] for level in criterion["CFRubricCriterionLevels"]] == ranks


def test_case_identifiers_are_stable_and_belong_to_one_publisher_and_version() -> None:
    first = case.identifier("https://a.example.org", demo(), "item", "1.1")
    assert first == case.identifier("https://a.example.org/", demo(), "item", "1.1")
    assert first != case.identifier("https://b.example.org", demo(), "item", "1.1")
    assert first != case.identifier("https://a.example.org", replace(demo(), version="2027"), "item", "1.1")
    assert str(case.identifier(ORIGIN.base_uri, demo(), "document")) in case.write(demo(), "fr", ORIGIN)


def test_two_publishers_at_one_address_have_their_own_identifiers() -> None:
    one, other = (replace(ORIGIN, namespace=f"https://certify.example.org/{name}") for name in ("a", "b"))
    written = [json.loads(case.write(demo(), "fr", origin)) for origin in (one, other)]
    keys = [{row["identifier"] for row in package["CFItems"]} for package in written]
    assert keys[0] & keys[1] == set()
    assert all(package["CFDocument"]["uri"].startswith("https://certify.example.org/ims/") for package in written)
