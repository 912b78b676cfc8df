"""Contracts of a scheme, and the years of a term, shared as one: the parts handed back by premium add up to the fen."""

import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.policy.library import load_sharing_rule
from core.policy.model import Cause, ExpenseTreatment
from settlement.rules.corridor import SharingInvalid
from settlement.rules.pooling import Member, settle_together
from settlement.rules.sharing import SharingInputs, settle
from tests.factories.sharing import jilin_rule


def member(key: str, premium: str, claims: str, **more: object) -> Member:
    paid = Decimal(more.pop("paid", 0))  # type: ignore[arg-type]
    return Member(key, SharingInputs(Decimal(premium), Decimal(claims), **more), paid)


def told(pool) -> list[tuple[str, str, str, str]]:
    return [(part.key, str(part.balance), str(part.insurer), str(part.fund)) for part in pool.parts]


def test_two_contracts_of_a_scheme_share_one_surplus() -> None:
    # A alone: surplus 6 % of 60 m, B alone: a loss of 1 % of 40 m. Together 3.2 m of 100 m, 3.2 %: 30 % of the whole.
    pool = settle_together(jilin_rule(), [member("A", "60000000", "56400000"), member("B", "40000000", "40400000")])
    assert (str(pool.result.balance), str(pool.result.insurer)) == ("3200000.00", "960000.00")
    assert told(pool) == [
        ("A", "3600000.00", "576000.00", "3024000.00"),
        ("B", "-400000.00", "384000.00", "-784000.00"),
    ]
    assert pool.parts[0].formula == "960,000.00 × 60,000,000.00 ÷ 100,000,000.00"


def test_the_odd_fen_goes_to_the_largest_remainder() -> None:
    # 3 % of 0.10 yuan is kept whole: 1 fen over three contracts of unequal premium.
    pool = settle_together(
        jilin_rule(), [member("A", "100.00", "99.99"), member("B", "100.01", "100.01"), member("C", "99.99", "99.99")]
    )
    assert told(pool) == [("A", "0.01", "0.00", "0.01"), ("B", "0.00", "0.01", "-0.01"), ("C", "0.00", "0.00", "0.00")]


def test_three_years_of_a_term_are_one_corridor_and_true_up_what_was_paid() -> None:
    # Yearly: 2018 keeps 2 m, 2019 bears 2 m (half of 4 %), 2020 keeps 30 % of 4.5 m = 1.35 m. The term: 2.5 m of 300 m
    # is within 3 %, the insurer keeps all of it; a third falls to each year, less what the year itself already gave.
    years = [
        member("2018", "100000000", "98000000", paid="2000000"),
        member("2019", "100000000", "104000000", paid="-2000000"),
        member("2020", "100000000", "95500000", paid="1350000"),
    ]
    pool = settle_together(jilin_rule(), years)
    assert [str(settle(jilin_rule(), year.inputs).insurer) for year in years] == [
        "2000000.00", "-2000000.00", "1350000.00",
    ]  # fmt: skip
    assert [str(part.insurer) for part in pool.parts] == ["833333.34", "833333.33", "833333.33"]
    assert [str(part.due) for part in pool.parts] == ["-1166666.66", "2833333.33", "-516666.67"]
    assert sum(part.due for part in pool.parts) == Decimal("2500000") - Decimal("1350000")


def test_each_contract_keeps_its_own_cap_on_expense() -> None:
    # A spent 5 m of which 4 % of 100 m = 4 m counts; B spent 1 m, all of it below its cap of 4 m.
    pool = settle_together(
        jilin_rule(),
        [
            member("A", "100000000", "93000000", expense=Decimal(5_000_000), expense_cap_rate=Decimal("0.04")),
            member("B", "100000000", "99000000", expense=Decimal(1_000_000), expense_cap_rate=Decimal("0.04")),
        ],
    )
    assert [str(part.balance) for part in pool.parts] == ["3000000.00", "0.00"]
    assert (str(pool.result.expense_allowed), str(pool.result.balance)) == ("5000000.00", "3000000.00")


def test_where_expense_does_not_count_it_does_not_count_in_the_pool() -> None:
    rule = replace(jilin_rule(), expense=ExpenseTreatment.EXCLUDED)
    pool = settle_together(rule, [member("A", "100", "98", expense=Decimal(2)), member("B", "100", "98")])
    assert [str(part.balance) for part in pool.parts] == ["2.00", "2.00"]
    assert str(pool.result.balance) == "4.00"


def test_everything_that_enters_a_balance_is_added() -> None:
    inputs = {name: Decimal(amount) for name, amount in (("reserve_change", 1), ("interest", 2), ("target", 3))}
    rule = replace(jilin_rule(), carry_over=True)
    pool = settle_together(rule, [member(key, "100", "90", carried=Decimal(4), **inputs) for key in "AB"])
    assert [str(part.balance) for part in pool.parts] == ["13.00", "13.00"]
    assert str(pool.result.balance) == "26.00"


def test_a_negotiated_pool_gives_no_member_a_number() -> None:
    loss = [member(key, "100", "110", cause=Cause.POLICY) for key in "AB"]
    pool = settle_together(jilin_rule(), loss)
    assert pool.result.outcome == "negotiated"
    assert [(part.insurer, part.fund, part.due) for part in pool.parts] == [(None, None, None)] * 2


def test_a_pool_of_one_has_the_cause_of_that_one() -> None:
    assert settle_together(jilin_rule(), [member("A", "100", "110", cause=Cause.POLICY)]).result.outcome == "negotiated"


def test_the_pool_has_one_cause() -> None:
    mixed = [member("A", "100", "110", cause=Cause.POLICY), member("B", "100", "110")]
    assert settle_together(jilin_rule(), mixed, cause=Cause.OPERATING).result.outcome == "provisional"
    with pytest.raises(SharingInvalid, match="different causes"):
        settle_together(jilin_rule(), mixed)


def test_what_belongs_to_each_contract_is_not_pooled() -> None:
    shapes = Path(__file__).parents[1] / "data" / "sharing"
    scored = load_sharing_rule(shapes / "us-mssp-track-2.toml")
    unequal = [member("A", "100", "90", target=Decimal(100), score=Decimal("0.9")), member("B", "100", "90")]
    with pytest.raises(SharingInvalid, match="different scores"):
        settle_together(scored, unequal)
    assert settle_together(jilin_rule(), unequal).result.balance == 20
    with pytest.raises(SharingInvalid, match="own and cannot be pooled"):
        settle_together(load_sharing_rule(shapes / "d2-09-retention-of-premium.toml"), [member("A", "100", "90")])


def test_a_target_by_rate_is_each_contracts_own_to_the_fen() -> None:
    # 80 % of 0.33 is 0.264, 0.26 each; the pool's target is 0.52, not 80 % of 0.66, 0.53.
    rule = load_sharing_rule(Path(__file__).parents[1] / "data" / "sharing" / "us-aca-risk-corridor.toml")
    pool = settle_together(rule, [member("A", "0.33", "0.20"), member("B", "0.33", "0.20")])
    assert (str(pool.result.base), [str(part.balance) for part in pool.parts]) == ("0.52", ["0.06", "0.06"])
    assert sum(part.balance for part in pool.parts) == pool.result.balance


@pytest.mark.parametrize(
    ("members", "reason"), [([], "nothing is pooled"), ([member("A", "1", "1")] * 2, "given twice: A, A")]
)
def test_what_is_no_pool_is_refused(members: list[Member], reason: str) -> None:
    with pytest.raises(SharingInvalid, match=reason):
        settle_together(jilin_rule(), members)


def test_the_parts_of_a_pool_add_up_in_two_thousand_random_pools() -> None:
    chance, rule = random.Random("J3"), jilin_rule()
    for _ in range(2_000):
        premiums = [chance.randrange(1, 10**11) for _ in range(chance.randrange(1, 9))]
        members = [
            member(str(place), f"{premium}e-2", f"{premium * chance.randrange(850, 1150) // 1000}e-2")
            for place, premium in enumerate(premiums)
        ]
        pool = settle_together(rule, members, chance.choice(["whole", "slice", "floor"]))
        assert sum(part.insurer for part in pool.parts) == pool.result.insurer
        assert sum(part.fund for part in pool.parts) == pool.result.fund
        assert all(part.insurer + part.fund == part.balance for part in pool.parts)
