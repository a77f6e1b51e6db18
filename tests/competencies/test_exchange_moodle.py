"""What we write for Moodle, imported by somebody who knows only the rules of its columns."""

import csv
import io
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies import Framework, demo
from competencies.exchange import moodle_csv
from tests.competencies import moodle_importer
from tests.competencies.moodle_importer import MoodleCompetency, import_text
from tests.competencies.strategies import frameworks

LOCALES = st.sampled_from(["fr", "en"])
properties = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@properties
@given(framework=frameworks(), locale=LOCALES)
def test_an_importer_that_knows_only_the_columns_builds_the_same_tree(framework: Framework, locale: str) -> None:
    imported = import_text(moodle_csv.write(framework, locale))
    for block, row in zip(framework.blocks, imported.children, strict=True):
        assert row.idnumber == f"{framework.code}:{block.code}"
        for competency, below in zip(block.competencies, row.children, strict=True):
            assert below.idnumber == f"{framework.code}:{competency.code}"
            codes = [part.idnumber for part in below.children]
            assert codes == [f"{framework.code}:{indicator.code}" for indicator in competency.indicators]


@properties
@given(framework=frameworks(), locale=LOCALES)
def test_it_finds_the_scale_each_competency_is_assessed_on(framework: Framework, locale: str) -> None:
    imported = import_text(moodle_csv.write(framework, locale))
    below = [part for block in imported.children for part in block.children]
    for competency, row in zip(framework.competencies, below, strict=True):
        scale = framework.scale_of(competency.code)
        for found in [row.scale or imported.scale, *(part.scale or imported.scale for part in row.children)]:
            assert len(found.values) == len(scale.levels)
            assert found.proficient == {at for at, code in enumerate(scale.codes, 1) if scale.is_reached(code)}


@properties
@given(framework=frameworks(), locale=LOCALES)
def test_its_rules_say_what_ours_say(framework: Framework, locale: str) -> None:
    imported = import_text(moodle_csv.write(framework, locale))
    for block, row in zip(framework.blocks, imported.children, strict=True):
        check_rules_agree(framework, block.completion.is_met, [part.code for part in block.competencies], row)
        for competency, below in zip(block.competencies, row.children, strict=True):
            check_rules_agree(
                framework, competency.completion.is_met, [part.code for part in competency.indicators], below
            )


def check_rules_agree(framework: Framework, is_met: object, parts: list[str], row: MoodleCompetency) -> None:
    assert callable(is_met)
    for size in range(len(parts) + 1):
        for chosen in combinations(parts, size):
            assert row.is_complete([f"{framework.code}:{code}" for code in chosen]) == is_met(parts, chosen)


def test_codes_that_php_takes_for_one_number_stay_apart() -> None:
    rows = list(csv.reader(io.StringIO(moodle_csv.write(demo()), newline="")))[2:]
    ids = [row[1] for row in rows]
    assert not any(moodle_importer._is_same(one, two) for at, one in enumerate(ids) for two in ids[:at])
    assert moodle_importer._is_same("1.1", "1.10")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("Short name,Description,", "Description,Short name,"),
        ("competency_rule_all", "competency_rule_some"),
        ("facilitator:1.1,", ","),
        (',1,"domain,competency', ',,"domain,competency'),
        ('""proficient"":1', '""proficient"":0'),
    ],
)
def test_the_importer_refuses_what_moodle_would_not_take(was: str, becomes: str) -> None:
    text = moodle_csv.write(demo())
    assert was in text
    with pytest.raises(moodle_importer.Refused):
        import_text(text.replace(was, becomes))
