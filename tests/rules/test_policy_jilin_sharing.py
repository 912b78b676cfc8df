"""The sharing rule as the Jilin pack writes it gives the worked tables of regulation E.4, to the fen."""

from datetime import date
from decimal import Decimal

import pytest

from core.policy import view
from core.policy.model import Cause, SharingRule
from settlement.rules.sharing import SharingInputs, settle

PREMIUM = Decimal("100000000")


def jilin() -> SharingRule:
    """The rule of the pack in policies/, not of a factory."""
    rule = view("jilin", date(2018, 1, 1)).sharing
    assert rule is not None
    return rule


@pytest.mark.parametrize(
    "claims, whole, slice_, floor",
    [
        ("97010000", "2990000", "2990000", "2990000"),
        ("97000000", "3000000", "3000000", "3000000"),
        ("96999999", "900000.30", "3000000.30", "3000000"),
        ("96990000", "903000", "3003000", "3000000"),
        ("96000000", "1200000", "3300000", "3000000"),
        ("95000000", "1500000", "3600000", "3000000"),
        ("94990000", "1500000", "3600000", "3000000"),
        ("94000000", "1500000", "3600000", "3000000"),
        ("90000000", "1500000", "3600000", "3000000"),
        ("102990000", "-2990000", "-2990000", "-2990000"),
        ("103000000", "-3000000", "-3000000", "-3000000"),
        ("103010000", "-1505000", "-3005000", "-1505000"),
        ("104000000", "-2000000", "-3500000", "-2000000"),
        ("105000000", "-2500000", "-4000000", "-2500000"),
        ("105010000", "-2510000", "-4010000", "-2510000"),
        ("106000000", "-3500000", "-5000000", "-3500000"),
        ("110000000", "-7500000", "-9000000", "-7500000"),
    ],
)
def test_the_insurers_part_by_reading(claims: str, whole: str, slice_: str, floor: str) -> None:
    parts = [
        settle(jilin(), SharingInputs(PREMIUM, Decimal(claims)), name).insurer for name in ("whole", "slice", "floor")
    ]
    assert parts == [Decimal(whole), Decimal(slice_), Decimal(floor)]


@pytest.mark.parametrize(
    "claims, cause, outcome",
    [
        ("105000000", Cause.OPERATING, "shared"),
        ("105000000.01", Cause.OPERATING, "provisional"),
        ("104999999.99", Cause.POLICY, "shared"),
        ("105000000", Cause.POLICY, "negotiated"),
    ],
)
def test_losses_around_five_percent_by_cause(claims: str, cause: Cause, outcome: str) -> None:
    result = settle(jilin(), SharingInputs(PREMIUM, Decimal(claims), cause=cause))
    assert result.outcome == outcome
    assert (result.insurer is None) == (outcome == "negotiated")
