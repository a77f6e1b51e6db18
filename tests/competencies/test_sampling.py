"""The sample an internal verifier reads: fair to each assessor, and the same whenever it is drawn again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies.faults import DomainFault
from competencies.sampling import draw, size_of

_NAMES = st.text(alphabet='abé[]",1 ', min_size=1, max_size=4)
_POPULATIONS = st.dictionaries(_NAMES, st.lists(_NAMES, max_size=15, unique=True), max_size=5).map(
    # An assessment has one assessor.
    lambda drawn: {who: [f"{at}-{one}" for one in ones] for at, (who, ones) in enumerate(drawn.items())}
)
_PERCENTAGES = st.integers(1, 100)


@given(_POPULATIONS, _PERCENTAGES, _NAMES, st.randoms(use_true_random=False))
def test_the_same_seed_gives_the_same_sample_in_any_order(
    population: dict[str, list[str]], percentage: int, seed: str, random: object
) -> None:
    people = list(population)
    random.shuffle(people)  # type: ignore[attr-defined]
    again = {who: sorted(population[who], reverse=True) for who in people}
    assert draw(again, percentage, seed) == draw(population, percentage, seed)


@given(_POPULATIONS, _PERCENTAGES, _NAMES)
def test_each_assessor_has_their_share_rounded_up_and_never_nothing(
    population: dict[str, list[str]], percentage: int, seed: str
) -> None:
    sample = draw(population, percentage, seed)
    for ones in population.values():
        taken = len(sample & set(ones))
        assert taken == size_of(len(ones), percentage)
        assert taken >= min(1, len(ones))
        assert taken * 100 >= len(ones) * percentage > (taken - 1) * 100 or not ones
    assert sample <= {one for ones in population.values() for one in ones}


@given(_POPULATIONS, _PERCENTAGES, _PERCENTAGES, _NAMES)
def test_a_greater_percentage_holds_the_smaller_sample(
    population: dict[str, list[str]], one: int, other: int, seed: str
) -> None:
    assert draw(population, min(one, other), seed) <= draw(population, max(one, other), seed)


@given(_POPULATIONS, _NAMES)
def test_a_hundred_percent_is_everything(population: dict[str, list[str]], seed: str) -> None:
    assert draw(population, 100, seed) == {one for ones in population.values() for one in ones}


def test_another_seed_gives_another_sample() -> None:
    population = {"Formatrice A": [str(number) for number in range(200)]}
    assert draw(population, 10, "one") != draw(population, 10, "another")


def test_every_assessment_has_about_the_same_chance() -> None:
    population = {"Formatrice A": [str(number) for number in range(10)]}
    times = {str(number): 0 for number in range(10)}
    for seed in range(1000):
        for one in draw(population, 30, str(seed)):
            times[one] += 1
    assert all(230 < count < 370 for count in times.values())


@pytest.mark.parametrize("percentage", [0, -1, 101])
def test_a_percentage_that_is_none_is_refused(percentage: int) -> None:
    with pytest.raises(DomainFault, match="de 1 à 100"):
        draw({"Formatrice A": ["1"]}, percentage, "seed")
