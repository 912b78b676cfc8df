"""A published ranking can be recomputed by anybody: here by a second program that shares no code with ours."""

from copy import deepcopy
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FileInvalid
from tender.rules.published_ranking import FORMAT, differences, recompute

PRICE_POINTS = 20
CRITERIA = [("1", "technical"), ("2", "technical"), ("3", "commercial")]
MEMBERS = 7


def document(bids: list[tuple[int, list[int]]], winners: int = 2) -> dict[str, Any]:
    """A file with one lot; each bid a price in fen and MEMBERS points (in tenths) for each criterion in turn."""
    return {
        "format": FORMAT,
        "award_rule": "win_all",
        "lots": [
            {
                "position": 1, "winners": winners, "seed": "f00d", "price_points": str(PRICE_POINTS),
                "criteria": [{"key": key, "block": block} for key, block in CRITERIA],
                "bids": [
                    {
                        "number": number, "bidder": f"演示保险公司{number}", "price": f"{price / 100:.2f}",
                        "points": {
                            key: [f"{tenths / 10:.1f}" for tenths in points[MEMBERS * place:MEMBERS * (place + 1)]]
                            for place, (key, _block) in enumerate(CRITERIA)
                        },
                    }
                    for number, (price, points) in enumerate(bids, 1)
                ],
            }
        ],
    }  # fmt: skip


def by_hand(lot: dict[str, Any]) -> list[tuple[int, int]]:
    """The order and the totals in hundredths, in whole numbers only, as the printed formula says."""

    def units(text: str) -> int:
        whole, _, part = text.partition(".")
        return int(whole) * 100 + int(part.ljust(2, "0"))

    lowest = min(units(bid["price"]) for bid in lot["bids"])
    rows = []
    for bid in lot["bids"]:
        price = units(bid["price"])
        points = sum(units(value) for values in bid["points"].values() for value in values)
        # total × (members × price), in hundredths of a point
        numerator = points * price + int(lot["price_points"]) * 100 * lowest * MEMBERS
        denominator = MEMBERS * price
        total = (2 * numerator + denominator) // (2 * denominator)
        rows.append((-total, price, sha256(f"{lot['seed']}:{bid['number']}".encode()).hexdigest(), bid["number"]))
    return [(number, -total) for total, _price, _draw, number in sorted(rows)]


points = st.lists(st.integers(0, 200), min_size=MEMBERS * len(CRITERIA), max_size=MEMBERS * len(CRITERIA))
alike = st.sampled_from([[150] * MEMBERS * len(CRITERIA), [151] * MEMBERS * len(CRITERIA)])


@given(st.lists(st.tuples(st.integers(1, 9999), st.one_of(points, alike)), min_size=1, max_size=8))
def test_random_score_sets_are_ranked_as_by_hand(bids: list[tuple[int, list[int]]]) -> None:
    file = document(bids)
    (outcome,) = recompute(file)
    assert [(place.bid, int(place.total * 100)) for place in outcome.ranking] == by_hand(file["lots"][0])
    assert list(outcome.winners) == [number for number, _total in by_hand(file["lots"][0])[:2]]


@given(st.lists(st.tuples(st.sampled_from([3700, 3750]), alike), min_size=3, max_size=8))
def test_ties_are_parted_as_by_hand(bids: list[tuple[int, list[int]]]) -> None:
    file = document(bids)
    (outcome,) = recompute(file)
    assert [place.bid for place in outcome.ranking] == [number for number, _total in by_hand(file["lots"][0])]


def test_a_stated_result_that_differs_is_named() -> None:
    file = document([(3700, [150] * 21), (3800, [140] * 21), (3900, [130] * 21)])
    for number, total in by_hand(file["lots"][0]):
        rank = [one for one, _total in by_hand(file["lots"][0])].index(number) + 1
        file["lots"][0]["bids"][number - 1]["result"] = {"rank": rank, "total": f"{total / 100:.2f}"}
    assert differences(file, recompute(file)) == []
    file["lots"][0]["bids"][1]["result"]["total"] = "99.99"
    assert differences(file, recompute(file)) == ["lot 1, bid 2: total is stated as 99.99, computed 61.47"]


GOOD = document([(3700, [150] * 21)])


@pytest.mark.parametrize(
    "spoil, place",
    [
        (lambda file: file.update(format="other/1"), "format"),
        (lambda file: file.update(lots=[]), "lots"),
        (lambda file: file["lots"][0].pop("seed"), "lots[0]"),
        (lambda file: file["lots"][0]["bids"][0].update(price="0"), "lots[0]"),
        (lambda file: file["lots"][0]["bids"][0]["points"].update({"1": []}), "lots[0]"),
        (lambda file: file["lots"][0]["bids"][0].update(price="thirty"), "lots[0]"),
    ],
    ids=["another format", "no lot", "no seed", "price of zero", "no points", "price in words"],
)
def test_a_file_that_cannot_be_ranked_says_where(spoil: Any, place: str) -> None:
    file = deepcopy(GOOD)
    spoil(file)
    with pytest.raises(FileInvalid) as refused:
        recompute(file)
    assert refused.value.faults[0][0] == place


def test_the_draw_needs_a_seed_only_between_equal_bids() -> None:
    apart, equal = document([(3700, [150] * 21), (3800, [150] * 21)]), document([(3700, [150] * 21)] * 2)
    for file in (apart, equal):
        file["lots"][0]["seed"] = None
    assert [place.bid for place in recompute(apart)[0].ranking] == [1, 2]
    with pytest.raises(FileInvalid) as refused:
        recompute(equal)
    assert "no seed" in refused.value.faults[0][1]
