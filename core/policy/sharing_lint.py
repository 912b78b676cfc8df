"""What a sharing rule may not contradict: what is counted, edges and shares of bands, readings, bounds, reserve."""

from collections.abc import Iterator
from dataclasses import fields
from itertools import chain, pairwise

from core.policy.model import (
    BandTreatment,
    Basis,
    Cause,
    ExpenseTreatment,
    Item,
    Metric,
    Period,
    RateBase,
    RetentionBase,
    RetentionTerms,
    Scope,
    Scored,
    SharingBand,
    SharingRule,
    Side,
)

Fault = tuple[str, str]


def faults(place: str, rule: SharingRule) -> Iterator[Fault]:
    """Everything that makes a rule unusable, each with its key and reason."""
    yield from _counted(place, rule)
    yield from _expense(place, rule)
    yield from _base(place, rule)
    yield from _limits(place, rule)
    yield from _over_years(place, rule)
    if rule.retention is not None:
        yield from _retention(f"{place}.retention", rule.retention)
        if rule.retention.in_balance and (rule.scope is not Scope.CONTRACT or rule.period is not Period.YEAR):
            yield (
                f"{place}.retention.in_balance",
                "is each contract's own: the rule pools contracts or years",
            )
    yield from _house(place, rule)
    yield from _readings(place, rule)
    for band in rule.bands:
        yield from _band(f"{place}.bands[{band.key}]", band)
    yield from dict.fromkeys(chain.from_iterable(_corridors(place, rule)))


def _counted(place: str, rule: SharingRule) -> Iterator[Fault]:
    """Items stand once, on one side of the balance, and the expense counts exactly where it is treated as counting."""
    lists = {"income": rule.income, "cost": rule.cost, "deducted": rule.deducted}
    for name, items in lists.items():
        for item in sorted({item for item in items if items.count(item) > 1}):
            yield f"{place}.{name}", f"“{item}” stands there twice"
    for name, other in (("income", "cost"), ("income", "deducted"), ("cost", "deducted")):
        for item in lists[name]:
            if item in lists[other]:
                yield f"{place}.{other}", f"“{item}” is already in {name}: nothing counts on both sides"
    counts = Item.EXPENSE in rule.cost
    if rule.expense is ExpenseTreatment.EXCLUDED and counts:
        yield f"{place}.expense", "contradicts cost: the expense is excluded, but stands among the cost items"
    if rule.expense is not ExpenseTreatment.EXCLUDED and not counts:
        yield f"{place}.cost", f"lacks “expense”, which expense = “{rule.expense}” counts"


def _expense(place: str, rule: SharingRule) -> Iterator[Fault]:
    limits = {"expense_cap_rate": rule.expense_cap_rate, "expense_cap_amount": rule.expense_cap_amount}
    given = [name for name, limit in limits.items() if limit is not None]
    if rule.expense is ExpenseTreatment.FIXED and len(given) != 1:
        said = "missing" if not given else "one too many"
        yield f"{place}.expense_cap_rate", f"{said}: a fixed expense needs its rate of the premium or its amount"
    if rule.expense in (ExpenseTreatment.EXCLUDED, ExpenseTreatment.ACTUAL):
        for name in given:
            yield f"{place}.{name}", f"contradicts expense = “{rule.expense}”, which knows no cap"


def _base(place: str, rule: SharingRule) -> Iterator[Fault]:
    targeted = Item.TARGET in rule.income or rule.metric is Metric.COST_TO_TARGET
    if rule.target_rate is not None and not targeted:
        yield f"{place}.target_rate", "there is no target: it belongs to income = [“target”] or metric “cost_to_target”"
    if rule.metric is Metric.COST_TO_TARGET and Item.TARGET not in rule.income:
        yield f"{place}.income", "lacks “target”: metric “cost_to_target” measures the cost against it"
    fixed = rule.metric in (Metric.COST_TO_TARGET, Metric.PROFIT_ON_COST)
    if rule.rate_base is not None and fixed:
        yield f"{place}.rate_base", f"contradicts metric “{rule.metric}”, which has its own base"
    if rule.rate_base is RateBase.INCOME and not rule.income:
        yield f"{place}.rate_base", "there is no income to take the rate of"


def _limits(place: str, rule: SharingRule) -> Iterator[Fault]:
    low, high = rule.insurer_min_rate, rule.insurer_max_rate
    if low is not None and high is not None and low > high:
        yield f"{place}.insurer_min_rate", f"{low} is above insurer_max_rate {high}"
    for number, bound in enumerate(rule.bounds, 1):
        at = f"{place}.bounds[{number}]"
        pairs = ((bound.least_rate, bound.most_rate), (bound.least_amount, bound.most_amount))
        if all(limit is None for pair in pairs for limit in pair):
            yield at, "bounds nothing: give least_rate, most_rate, least_amount or most_amount"
        for least, most in pairs:
            if least is not None and most is not None and least > most:
                yield at, f"the least {least} is above the most {most}"
    if rule.combined_max_rate is not None and rule.expense is ExpenseTreatment.EXCLUDED:
        yield f"{place}.combined_max_rate", "there is no expense to combine with: it is excluded from the balance"


def _over_years(place: str, rule: SharingRule) -> Iterator[Fault]:
    if rule.carry is not None and not rule.carry_over:
        yield f"{place}.carry_over", "must be true where [carry] says what is carried"
    if rule.carry_over and rule.carry is None:
        yield f"{place}.carry", "missing: which balances are carried and for how long"
    if rule.carry_over and rule.period is Period.TERM:
        yield f"{place}.carry_over", "nothing is carried from year to year where the whole term counts as one"
    if rule.carry is not None and not rule.carry.sides:
        yield f"{place}.carry.sides", "names neither surplus nor loss"
    if rule.reserve is not None and rule.reserve.share == 0:
        yield f"{place}.reserve.share", "nothing goes into the reserve"
    policy = any(Cause.POLICY in band.causes and band.side is Side.LOSS for band in rule.bands)
    if rule.split_causes and not policy:
        yield f"{place}.split_causes", "no loss band is for the cause “policy”"


def _retention(place: str, terms: RetentionTerms) -> Iterator[Fault]:
    if terms.in_balance and terms.base is RetentionBase.INSURER_PART:
        yield f"{place}.in_balance", "contradicts base “insurer_part”, which is known only after the balance"
    for lower, upper in pairwise(terms.steps):
        if upper.score_from <= lower.score_from:
            yield f"{place}.steps", f"the scores do not rise: {lower.score_from} to {upper.score_from}"
        elif upper.release < lower.release:
            yield f"{place}.steps", f"a higher score releases less: {lower.release} to {upper.release}"


def _house(place: str, rule: SharingRule) -> Iterator[Fault]:
    known = {entry.name for entry in fields(rule)}
    for choice in rule.house:
        for name in choice.settles:
            if name not in known:
                yield f"{place}.house", f"settles “{name}”, which is no field of a sharing rule"


def _readings(place: str, rule: SharingRule) -> Iterator[Fault]:
    names = [reading.name for reading in rule.readings]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{place}.readings[{name}]", "the reading appears twice"
    defaults = sum(reading.default for reading in rule.readings)
    if defaults != 1:
        yield f"{place}.readings", f"exactly one reading must be the default, here {defaults}"
    bands = {band.key: band for band in rule.bands}
    for reading in rule.readings:
        for treatment in reading.treatments:
            at = f"{place}.readings[{reading.name}].treatments[{treatment.band}]"
            if treatment.band not in bands:
                yield at, "there is no such band"
            elif _changes_nothing(treatment):
                yield at, "changes neither basis nor share nor edge"
            elif _lacks_share(treatment, bands[treatment.band]):
                yield at, "needs a share, which the band itself does not have"


def _changes_nothing(treatment: BandTreatment) -> bool:
    changes = (treatment.basis, treatment.share, treatment.lower_closed, treatment.upper_closed)
    return all(change is None for change in changes)


def _lacks_share(treatment: BandTreatment, band: SharingBand) -> bool:
    wants = treatment.basis in (Basis.WHOLE, Basis.SLICE)
    return wants and treatment.share is None and band.share is None


def _band(place: str, band: SharingBand) -> Iterator[Fault]:
    if band.upper is not None and band.upper <= band.lower and not _is_point(band):
        yield place, f"the edges do not increase: {band.lower} to {band.upper}"
    if band.upper is None and band.upper_closed:
        yield place, "a band without upper edge cannot include it"
    if not band.causes:
        yield f"{place}.causes", "names no cause"
    wants_share = band.basis in (Basis.WHOLE, Basis.SLICE)
    if wants_share and band.share is None:
        yield f"{place}.share", f"missing: basis “{band.basis}” needs the insurer's share"
    if not wants_share and band.share is not None:
        yield f"{place}.share", f"contradicts basis “{band.basis}”, which has no share"
    if (band.basis is Basis.FIXED) != (band.amount is not None):
        yield f"{place}.amount", "an amount belongs to basis “fixed”, and to that alone"
    if band.provisional and band.house is None:
        yield f"{place}.house", "missing: a provisional band says why the house chose it"
    yield from _shares(place, band)


def _shares(place: str, band: SharingBand) -> Iterator[Fault]:
    """The parts of insurer and fund add up; a score and its limits have a share to move."""
    if band.fund_share is not None:
        if band.share is None:
            yield f"{place}.fund_share", "the insurer's share is missing beside it"
        elif band.scored is not None:
            yield f"{place}.fund_share", "contradicts scored: the insurer's share moves, the fund has the rest"
        elif band.share + band.fund_share != 1:
            parts = f"{band.share} + {band.fund_share} = {band.share + band.fund_share}"
            yield f"{place}.fund_share", f"the parts do not add up to 1: {parts}"
    if band.scored is not None and band.share is None:
        yield f"{place}.scored", "there is no share for the score to move"
    least, most = band.share_least, band.share_most
    if band.scored is None and (least is not None or most is not None):
        yield f"{place}.share_{'least' if least is not None else 'most'}", "limits a share that no score moves"
    if least is not None and most is not None and least > most:
        yield f"{place}.share_least", f"{least} is above share_most {most}"
    if band.scored is Scored.COMPLEMENT and band.side is Side.SURPLUS:
        yield f"{place}.scored", "“complement” is for losses: in a surplus a better score would pay less"


def _is_point(band: SharingBand) -> bool:
    return band.upper == band.lower and band.lower_closed and band.upper_closed


def _corridors(place: str, rule: SharingRule) -> Iterator[Iterator[Fault]]:
    """The bands of each side and cause as written, and as each reading treats them."""
    for side in Side:
        for cause in Cause:
            for reading in rule.readings:
                yield _cover(place, side, cause, list(rule.bands_for(reading.name, side, cause)))


def _cover(place: str, side: Side, cause: Cause, bands: list[SharingBand]) -> Iterator[Fault]:
    """The bands of one side and cause must reach from 0 to infinity; the rate 0 itself is on the surplus side."""
    at = f"{place}.bands ({side}, {cause})"
    if not bands:
        yield at, "no band: every rate from 0 on needs one, if only “negotiated”"
        return
    first, last = bands[0], bands[-1]
    if first.lower != 0:
        yield at, f"gap between bands: nothing from 0 to {first.lower} (before {first.key})"
    elif first.lower_closed != (side is Side.SURPLUS):
        yield at, "the rate 0 belongs to the surplus side: closed there, open on the loss side"
    for lower, upper in pairwise(bands):
        yield from _meet(at, lower, upper)
    if last.upper is not None:
        yield at, f"gap between bands: nothing above {last.upper} (after {last.key})"


def _meet(at: str, lower: SharingBand, upper: SharingBand) -> Iterator[Fault]:
    names = f"{lower.key} and {upper.key}"
    if lower.upper is None or lower.upper > upper.lower:
        yield at, f"bands overlap: {names} both cover rates above {upper.lower}"
    elif lower.upper < upper.lower:
        yield at, f"gap between bands: nothing from {lower.upper} to {upper.lower} (between {names})"
    elif lower.upper_closed and upper.lower_closed:
        yield at, f"bands overlap: {names} both include {upper.lower}"
    elif not lower.upper_closed and not upper.lower_closed:
        yield at, f"gap between bands: neither {names} includes {upper.lower}"
    if upper.basis is Basis.SLICE and lower.basis is Basis.NEGOTIATED:
        yield at, f"{upper.key} counts on from {lower.key}, which computes nothing"
