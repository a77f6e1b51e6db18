"""The framework as a value: its lookups, its scale, its wording."""

from dataclasses import FrozenInstanceError, replace

import pytest

from competencies import Level, Scale, Text, UnknownCode, demo


def test_every_indicator_is_found_with_the_competency_and_the_block_that_hold_it() -> None:
    framework = demo()
    for block in framework.blocks:
        assert framework.block(block.code) is block
        for competency in block.competencies:
            assert framework.competency(competency.code) is competency
            assert framework.block_of(competency.code) is block
            for indicator in competency.indicators:
                assert framework.indicator(indicator.code) is indicator
                assert framework.competency_of(indicator.code) is competency
                assert framework.block_of(indicator.code) is block


def test_indicators_come_in_the_order_of_the_blocks() -> None:
    framework = demo()
    assert framework.indicators == tuple(item for block in framework.blocks for item in block.indicators)
    assert framework.competencies[0].code == "1.1"
    assert framework.indicators[0].code == "1.1.1"


@pytest.mark.parametrize("lookup", ["indicator", "competency", "block", "competency_of", "block_of"])
def test_an_unknown_code_is_refused_with_a_readable_message(lookup: str) -> None:
    with pytest.raises(UnknownCode) as refusal:
        getattr(demo(), lookup)("9.9.9")
    assert "9.9.9" in str(refusal.value)
    assert refusal.value.code == "9.9.9"
    assert isinstance(refusal.value, KeyError)


def test_a_scale_orders_its_levels_and_knows_its_threshold() -> None:
    scale = demo().scale
    assert scale.codes == ("not_acquired", "partly_acquired", "acquired")
    assert [scale.rank(code) for code in scale.codes] == [0, 1, 2]
    assert [scale.is_reached(code) for code in scale.codes] == [False, False, True]
    assert scale.lowest.code == "not_acquired"
    assert [level.sign for level in scale.levels] == ["○", "◐", "●"]
    assert [level.label.fr for level in scale.levels] == ["non acquis", "partiellement acquis", "acquis"]
    with pytest.raises(UnknownCode, match="excellent"):
        scale.rank("excellent")


def test_a_framework_cannot_be_changed_once_made() -> None:
    indicator = demo().indicators[0]
    with pytest.raises(FrozenInstanceError):
        indicator.code = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        indicator.descriptors["acquired"] = Text("", "")  # type: ignore[index]


def test_a_framework_keeps_its_descriptors_when_the_mapping_it_was_made_from_changes() -> None:
    descriptors = dict(demo().indicators[0].descriptors)
    indicator = replace(demo().indicators[0], descriptors=descriptors)
    descriptors.clear()
    assert indicator == demo().indicators[0]
    assert hash(indicator) == hash(demo().indicators[0])


def test_a_lookup_follows_the_content_of_a_replaced_framework() -> None:
    assert len(demo().indicators) > len(demo().blocks[0].indicators)
    shorter = replace(demo(), blocks=demo().blocks[:1])
    assert shorter.indicators == demo().blocks[0].indicators
    with pytest.raises(UnknownCode):
        shorter.block("2")


def test_french_wording_gets_its_no_break_spaces_and_english_is_left_alone() -> None:
    text = Text("Il dit : « oui » ; et vous ? Oui !", "He says: “yes”; and you ? Yes !")
    narrow = "\u202f"
    assert text.to("fr") == f"Il dit{narrow}: «{narrow}oui{narrow}»{narrow}; et vous{narrow}? Oui{narrow}!"
    assert text.to("fr_FR") == text.to("fr") == text.to("de")
    assert text.to("en") == text.to("en_GB") == text.to("en-GB") == text.en


def test_a_scale_of_four_levels_has_its_own_threshold() -> None:
    names = ("discovered", "tried", "mastered", "passed_on")
    scale = Scale(
        "formative", tuple(Level(name, Text(name, name), rank, "·") for rank, name in enumerate(names)), "tried"
    )
    assert [scale.is_reached(code) for code in scale.codes] == [False, True, True, True]
    assert scale.level("passed_on").rank == 3
