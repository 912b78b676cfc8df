"""From figures to the balance and its base: what counts as income and cost, which expense is allowed (J1, B.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from core.money import ZERO, round_fen, show_yuan
from core.policy.model import ExpenseTreatment, Item, Metric, RateBase, SharingRule
from settlement.rules.corridor import SharingInvalid
from settlement.rules.figures import Line, SharingInputs, added, times, total
from settlement.rules.retention import forfeited_in_balance

Pairs = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class Account:
    """What a rule makes of figures, in yuan. base: what the rate is taken of; expense: what of it is allowed."""

    expense: Decimal
    income: Decimal
    cost: Decimal
    balance: Decimal
    base: Decimal
    lines: tuple[Line, ...]


def account(rule: SharingRule, inputs: SharingInputs) -> Account:
    """Income less cost under a rule, with its lines. Raises SharingInvalid where the rate has no base."""
    counted = _counted(rule, inputs)
    plus, minus = _amounts(rule.income, counted), _deductions(rule, counted)
    income, cost_pairs = total(plus) - total(minus), _amounts(rule.cost, counted)
    cost = total(cost_pairs)
    balance = income - cost + (inputs.carried if rule.carry_over else ZERO)
    base = _rate_base(rule, counted, income, cost)
    lines = [*_expense_lines(rule, inputs, counted.expense)]
    off = tuple((name, -amount) for name, amount in minus)
    lines.append(Line("income", rule.clause, added(plus + off), plus + off, income))
    lines.append(Line("cost", rule.clause, added(cost_pairs), cost_pairs, cost))
    lines.append(_balance_line(rule, income, cost, inputs, balance))
    return Account(counted.expense, income, cost, balance, base, tuple(lines))


def own_balance(rule: SharingRule, inputs: SharingInputs) -> Decimal:
    """The balance the rule counts for these figures alone, in yuan: income less cost, with what is carried over."""
    return account(rule, inputs).balance


def allowed_expense(rule: SharingRule, inputs: SharingInputs) -> Decimal:
    """J1: what of the expense enters the balance; a rule that caps it, without a cap anywhere, allows all of it."""
    if rule.expense is ExpenseTreatment.EXCLUDED:
        return ZERO
    caps = [amount for amount, _ in _caps(rule, inputs)]
    if rule.expense is ExpenseTreatment.ACTUAL or (rule.expense is ExpenseTreatment.CAPPED and not caps):
        return inputs.expense
    if not caps:
        raise SharingInvalid("the rule fixes the expense: give its rate of the premium")
    return caps[0] if rule.expense is ExpenseTreatment.FIXED else min([inputs.expense, *caps])


def target_of(rule: SharingRule, inputs: SharingInputs) -> Decimal:
    """The agreed cost: the contract's, else the rule's rate of the premium, in yuan."""
    if inputs.target or rule.target_rate is None:
        return inputs.target
    return round_fen(Fraction(rule.target_rate) * Fraction(inputs.premium))


def _counted(rule: SharingRule, inputs: SharingInputs) -> SharingInputs:
    return replace(inputs, expense=allowed_expense(rule, inputs), target=target_of(rule, inputs))


def _caps(rule: SharingRule, inputs: SharingInputs) -> list[tuple[Decimal, str]]:
    """What the expense may not exceed, each in yuan and as written; the contract's rate where the rule names none."""
    caps = []
    if rule.expense_cap_amount is not None:
        caps.append((rule.expense_cap_amount, show_yuan(rule.expense_cap_amount)))
    contracts = inputs.expense_cap_rate if rule.expense_cap_amount is None else None
    rate = contracts if rule.expense_cap_rate is None else rule.expense_cap_rate
    if rate is not None:
        caps.append((round_fen(Fraction(rate) * Fraction(inputs.premium)), times(rate, inputs.premium)))
    return caps


def _amounts(items: Sequence[Item], inputs: SharingInputs) -> Pairs:
    return tuple((item.value, getattr(inputs, item.value)) for item in items)


def _deductions(rule: SharingRule, counted: SharingInputs) -> Pairs:
    """What is taken off the income: the items the rule names, and a forfeited retention that counts there."""
    held = forfeited_in_balance(rule, counted)
    return _amounts(rule.deducted, counted) + ((("retention", held),) if held is not None else ())


def _rate_base(rule: SharingRule, counted: SharingInputs, income: Decimal, cost: Decimal) -> Decimal:
    """What the balance is divided by, in yuan. Raises SharingInvalid where it is not positive."""
    usual = income if rule.rate_base is RateBase.INCOME else counted.premium
    base = {Metric.COST_TO_TARGET: counted.target, Metric.PROFIT_ON_COST: cost}.get(rule.metric, usual)
    if base <= 0:
        raise SharingInvalid(f"no base for the rate ({rule.metric}): {base}")
    return base


def _expense_lines(rule: SharingRule, inputs: SharingInputs, allowed: Decimal) -> list[Line]:
    if rule.expense is ExpenseTreatment.EXCLUDED or Item.EXPENSE not in rule.cost:
        return []
    caps, spent = [words for _, words in _caps(rule, inputs)], show_yuan(inputs.expense)
    pairs = (("expense", inputs.expense), ("premium", inputs.premium))
    if not caps or rule.expense is ExpenseTreatment.ACTUAL:
        return [Line("expense", rule.clause, spent, pairs[:1], allowed)]
    terms = caps if rule.expense is ExpenseTreatment.FIXED else [spent, *caps]
    formula = terms[0] if len(terms) == 1 else f"min({', '.join(terms)})"
    return [Line("expense", rule.clause, formula, pairs, allowed, "half_up")]


def _balance_line(rule: SharingRule, income: Decimal, cost: Decimal, inputs: SharingInputs, balance: Decimal) -> Line:
    pairs: Pairs = (("income", income), ("cost", cost))
    formula = f"{show_yuan(income)} − {show_yuan(cost)}"
    if rule.carry_over:
        pairs += (("carried", inputs.carried),)
        formula += f" + {show_yuan(inputs.carried)}"
    return Line("balance", rule.clause, formula.replace("− −", "+ ").replace("+ −", "− "), pairs, balance)
