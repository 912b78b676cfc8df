"""Several contracts, or the years of one agreement, shared as one balance, and its parts handed back to each (J3, J16).

Where a rule counts by scheme or area, or over the whole term, the figures are added up, the rule is applied once to the
sum, and the insurer's part is divided by premium with the largest-remainder method, so that it adds up to the fen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce

from core.money import ZERO, show_yuan, split, yuan
from core.policy.model import Cause, Clause, ExpenseTreatment, Item, SharingRule
from settlement.rules.balance import allowed_expense, own_balance, target_of
from settlement.rules.corridor import SharingInvalid
from settlement.rules.figures import AMOUNTS, SharingInputs
from settlement.rules.sharing import SharingResult, settle


@dataclass(frozen=True)
class Member:
    """One contract of a pool, or one year of a term. paid: the insurer's part already settled for it, in yuan."""

    key: str
    inputs: SharingInputs
    paid: Decimal = ZERO


@dataclass(frozen=True)
class Allotment:
    """What falls to one member, in yuan. balance: its own, before pooling; insurer + fund = balance.

    insurer, fund: None where the pool's result is negotiated; due: the insurer's part less what was already settled
    (negative: the insurer gives back); formula: in numbers, as on a sheet.
    """

    key: str
    premium: Decimal
    balance: Decimal
    insurer: Decimal | None
    fund: Decimal | None
    due: Decimal | None
    formula: str
    clause: Clause


@dataclass(frozen=True)
class Pooled:
    """The pool's one result, and what falls to each member in the order given; the parts add up to the result's."""

    result: SharingResult
    parts: tuple[Allotment, ...]


def settle_together(
    rule: SharingRule, members: Sequence[Member], reading: str | None = None, cause: Cause | None = None
) -> Pooled:
    """Share the members' balances as one, and hand the insurer's part back by premium.

    Each member's expense is allowed under its own cap before it is added. cause: of the pool's loss; None where every
    member has the same. Raises SharingInvalid for no member, a key given twice, or causes that differ.
    """
    inputs = pooled_inputs(rule, members, cause)
    result = settle(pooled_rule(rule), inputs, reading)
    return Pooled(result, allot(result, rule, members))


def pooled_rule(rule: SharingRule) -> SharingRule:
    """The rule as it is applied to the sum: each member's expense is already cut to what is allowed."""
    return replace(rule, expense=_counted(rule), expense_cap_rate=None)


def pooled_inputs(rule: SharingRule, members: Sequence[Member], cause: Cause | None = None) -> SharingInputs:
    """The members' figures added up; the expense is what the rule and each member's own cap allow."""
    keys = [member.key for member in members]
    if not keys:
        raise SharingInvalid("nothing is pooled: give at least one contract or year")
    if len(set(keys)) != len(keys):
        raise SharingInvalid(f"a contract or year is given twice: {', '.join(sorted(keys))}")
    causes = {member.inputs.cause for member in members}
    if cause is None and len(causes) > 1:
        raise SharingInvalid("the pooled contracts have different causes: say which one is the pool's")
    if len({member.inputs.score for member in members}) > 1 and _by_score(rule):
        raise SharingInvalid("the pooled contracts have different scores: the rule can use one only")
    if rule.retention is not None and rule.retention.in_balance:
        raise SharingInvalid("a retention that counts in the balance is each contract's own and cannot be pooled")
    counted = [_own(rule, each.inputs) for each in members]
    return replace(reduce(_add, counted), cause=cause or counted[0].cause, expense_cap_rate=None)


def allot(result: SharingResult, rule: SharingRule, members: Sequence[Member]) -> tuple[Allotment, ...]:
    """The insurer's part of a pooled result by premium, to the fen; the fund has the rest of each member's balance."""
    premiums = [member.inputs.premium for member in members]
    parts: list[Decimal | None] = [None] * len(members)
    if result.insurer is not None:
        parts = list(split(result.insurer, premiums))
    total = show_yuan(sum(premiums, ZERO))
    return tuple(
        _allotment(rule, member, part, f"{show_yuan(result.insurer)} × {show_yuan(member.inputs.premium)} ÷ {total}")
        for member, part in zip(members, parts, strict=True)
    )


def _allotment(rule: SharingRule, member: Member, part: Decimal | None, formula: str) -> Allotment:
    balance = own_balance(rule, member.inputs)
    fund = due = None
    if part is not None:
        fund, due = balance - part, part - yuan(member.paid)
    return Allotment(member.key, member.inputs.premium, balance, part, fund, due, formula, rule.clause)


def _counted(rule: SharingRule) -> ExpenseTreatment:
    """The members' expense is already cut to what is allowed: it counts as it is, where it counts at all."""
    return ExpenseTreatment.ACTUAL if Item.EXPENSE in rule.cost else ExpenseTreatment.EXCLUDED


def _own(rule: SharingRule, inputs: SharingInputs) -> SharingInputs:
    """A member's figures with what the rule makes of them member by member: the expense allowed and the target."""
    carried = inputs.carried if rule.carry_over else ZERO
    return replace(inputs, expense=allowed_expense(rule, inputs), target=target_of(rule, inputs), carried=carried)


def _by_score(rule: SharingRule) -> bool:
    return rule.retention is not None or any(band.scored is not None for band in rule.bands)


def _add(one: SharingInputs, other: SharingInputs) -> SharingInputs:
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in AMOUNTS})
