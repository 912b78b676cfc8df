"""What a sheet divides where its rule counts more than one contract year: a pool, a term, balances carried (J3, J16).

A sheet divides the balance of its own contract; over a term, that of the years of its agreement so far. What earlier
sheets of the term have settled is taken off, so that insurer + fund = balance holds for every sheet and for their sum.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.money import ZERO, show_yuan, split
from core.policy.model import Item, Period, Scope, SharingRule
from settlement.rules.carrying import Carried, YearBalance, carried_into
from settlement.rules.pooling import Pooled
from settlement.rules.reserve import ReserveMove
from settlement.rules.retention import Retained
from settlement.rules.sharing import Outcome, SharingResult


@dataclass(frozen=True)
class Part:
    """What one sheet divides under one reading, in yuan: insurer + fund = balance; None where nothing is computed.

    formula: the insurer's part in numbers, where it was handed back from a pool; '' otherwise.
    """

    balance: Decimal
    insurer: Decimal | None
    fund: Decimal | None
    outcome: Outcome
    formula: str = ""


@dataclass(frozen=True)
class Settled:
    """What an issued sheet of an earlier year of the term has settled, in yuan; label: its number and version.

    released, forfeited: what it has carried out of a retention beside the balance.
    """

    label: str
    balance: Decimal
    insurer: Decimal
    fund: Decimal
    released: Decimal = ZERO
    forfeited: Decimal = ZERO


@dataclass(frozen=True)
class Counted:
    """One contract year of the pool or term as the sheet shows it, in yuan; own: whether this sheet divides it."""

    key: str
    label: str
    source: str
    own: bool
    premium: Decimal
    balance: Decimal
    insurer: Decimal | None
    formula: str


@dataclass(frozen=True)
class AgreedCost:
    """What the cost of the sheet's own contract year is measured against, in yuan, with where it is named."""

    amount: Decimal
    source: str
    formula: str | None = None


@dataclass(frozen=True)
class Together:
    """What stands on a sheet beside the rows of its own contract year. Amounts in yuan.

    members: empty without a pool; balance, insurer, fund: the pool's; settled: by earlier sheets of the term; carried:
    year by year, None where the rule carries nothing; own: the sheet's balance before anything is carried in,
    own_carried: what of it this sheet takes; onward: what waits for later years; own_retention: what of the retention
    this sheet carries out, None where that is the whole; attributable: of a loss of two causes.
    """

    members: tuple[Counted, ...] = ()
    balance: Decimal = ZERO
    insurer: Decimal | None = None
    fund: Decimal | None = None
    settled: tuple[Settled, ...] = ()
    carried: tuple[Carried, ...] | None = None
    own: Decimal = ZERO
    own_carried: Decimal = ZERO
    onward: tuple[Carried, ...] = ()
    reserve: ReserveMove | None = None
    retention: Retained | None = None
    own_retention: Retained | None = None
    score: tuple[Decimal, str] | None = None
    quality: tuple[Decimal, str] | None = None
    attributable: tuple[Decimal, str] | None = None
    target: AgreedCost | None = None
    clause: str = ""


def pooled(rule: SharingRule) -> bool:
    """Whether the rule counts several contracts, or the years of a term, as one."""
    return rule.scope is not Scope.CONTRACT or rule.period is Period.TERM


def scored(rule: SharingRule) -> bool:
    """Whether a result depends on the assessment score."""
    return rule.retention is not None or any(band.scored is not None for band in rule.bands)


def counts(rule: SharingRule, item: Item) -> bool:
    """Whether an item enters the balance."""
    return item in (*rule.income, *rule.cost, *rule.deducted)


def own_only(rule: SharingRule) -> bool:
    """Whether a contract year is settled on what is its own: its figures, and the cost that its contract agrees."""
    return not (pooled(rule) or rule.carry_over or rule.reserve or scored(rule) or rule.split_causes)


def alone(rule: SharingRule) -> bool:
    """Whether the figures of one contract year are all that the rule asks for."""
    return own_only(rule) and not rule.needs_agreed_cost


def part_of(result: SharingResult) -> Part:
    """What a sheet of one contract year divides: the whole result."""
    return Part(result.balance, result.insurer, result.fund, result.outcome)


def part_of_pool(pool: Pooled, own: Collection[str], settled: Sequence[Settled], *, interim: bool) -> Part:
    """What a sheet divides of a pool: the members that are its own, less what earlier sheets have settled.

    interim: a year of a term that goes on; its result is provisional, whatever the band.
    """
    mine = [part for part in pool.parts if part.key in own]
    balance = sum((part.balance for part in mine), ZERO) - sum((one.balance for one in settled), ZERO)
    outcome: Outcome = "provisional" if interim and pool.result.outcome == "shared" else pool.result.outcome
    insurer = fund = None
    if pool.result.insurer is not None:
        insurer = sum((part.insurer or ZERO for part in mine), ZERO) - sum((one.insurer for one in settled), ZERO)
        fund = balance - insurer
    formula = mine[0].formula if len(mine) == 1 else " + ".join(show_yuan(part.insurer) for part in mine)
    formula += "".join(f" − {show_yuan(one.insurer)}" for one in settled)
    return Part(balance, insurer, fund, outcome, formula.replace("+ −", "− ").replace("− −", "+ "))


def retained_part(
    whole: Retained | None, pool: Pooled | None, own: Collection[str], settled: Sequence[Settled]
) -> Retained | None:
    """What of a retention one sheet carries out: its own members' by premium, less what earlier sheets have done.

    The whole where nothing is pooled; released and forfeited are divided each by itself, so that no fen is held twice.
    """
    if whole is None or pool is None:
        return whole
    premiums = [part.premium for part in pool.parts]
    mine = [place for place, part in enumerate(pool.parts) if part.key in own]
    released, forfeited = (
        sum((shares[place] for place in mine), ZERO) - sum((getattr(one, name) for one in settled), ZERO)
        for name, shares in (
            ("released", split(whole.released, premiums)),
            ("forfeited", split(whole.forfeited, premiums)),
        )
    )
    return Retained(released + forfeited, released, forfeited, whole.in_balance)


def carried_on(rule: SharingRule, years: Sequence[YearBalance]) -> tuple[Carried, ...]:
    """What of these years waits for the year after the last of them: left over, and not yet lapsed."""
    if rule.carry is None or not years:
        return ()
    following = replace(years[-1], year=years[-1].year + 1, balance=ZERO)
    return carried_into(rule, (*years, following))[1]
