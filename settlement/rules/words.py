"""A calculation step by step, and what a rule tempts to, in words that need no actuary; every number is in them (J14).

A sentence is a message id with its values, so that the page, the command line and a paper say the same in either
language. Values are text already, or sentences themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.errors import N_
from core.money import round_fen, show_yuan
from core.policy.model import Base, Basis, Cause, ExpenseTreatment, Metric, SharingBand, SharingRule, Side
from settlement.rules.figures import SharingInputs, percent
from settlement.rules.incentives import Flat, Incentives, Jump, Temptation
from settlement.rules.sharing import Portion, SharingResult
from settlement.rules.together import Part, Settled


@dataclass(frozen=True)
class Said:
    """One sentence: an English message id, and its values by name."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def in_english(self) -> str:
        """The sentence as the command line says it."""
        values = {name: value.in_english() if isinstance(value, Said) else value for name, value in self.values.items()}
        return self.message % values if values else self.message


ITEMS = {
    "premium": N_("premium"),
    "interest": N_("interest"),
    "target": N_("target"),
    "claims": N_("claims"),
    "reserve_change": N_("change of the reserve"),
    "expense": N_("expense allowed"),
    "quality_expense": N_("quality expenses"),
    "taxes": N_("taxes and levies"),
    "retention": N_("retention not released"),
}
BASES = {
    Metric.COST_TO_TARGET: N_("the target"),
    Metric.PROFIT_ON_COST: N_("the cost"),
}


def said(message: str, **values: Any) -> Said:
    """A sentence with amounts written as money."""
    written = {name: show_yuan(value) if isinstance(value, Decimal) else value for name, value in values.items()}
    return Said(message, written)


def explain(rule: SharingRule, inputs: SharingInputs, result: SharingResult) -> tuple[Said, ...]:
    """What was done, from the figures to the two parts, one sentence a step."""
    return (
        *_balance(rule, inputs, result),
        _rate(rule, result),
        *(sentence for portion in result.portions for sentence in _portion(result, portion)),
        *_parts(result),
        *_beside(result),
    )


def _balance(rule: SharingRule, inputs: SharingInputs, result: SharingResult) -> Iterator[Said]:
    lines = {line.step: line for line in result.lines}
    if "expense" in lines and (inputs.expense or result.expense_allowed):
        yield _expense(rule, inputs, result)
    for step, message in (
        ("income", N_("What came in: %(items)s; together %(amount)s yuan.")),
        ("cost", N_("What it cost: %(items)s; together %(amount)s yuan.")),
    ):
        line = lines[step]  # type: ignore[index]
        yield said(message, items=_items(line.inputs), amount=line.amount)
    if rule.carry_over and inputs.carried:
        yield said(N_("From earlier years %(amount)s yuan is carried in."), amount=inputs.carried)
    if result.balance >= 0:
        yield said(N_("That leaves a surplus of %(amount)s yuan."), amount=result.balance)
    else:
        yield said(N_("That leaves a loss of %(amount)s yuan."), amount=-result.balance)
    shared = sum((portion.amount for portion in result.portions), Decimal(0))
    if shared != result.balance:
        drawn = shared - result.balance
        yield said(
            N_("The risk reserve pays %(drawn)s yuan of it first; %(rest)s yuan remain to be shared."),
            drawn=drawn,
            rest=-shared,
        )


def _expense(rule: SharingRule, inputs: SharingInputs, result: SharingResult) -> Said:
    spent, allowed = inputs.expense, result.expense_allowed
    if rule.expense is ExpenseTreatment.FIXED:
        return said(N_("The fee is fixed: %(allowed)s yuan, whatever was spent."), allowed=allowed)
    if allowed < spent:
        return said(
            N_(
                "The insurer spent %(spent)s yuan on running the insurance; the rule lets %(allowed)s yuan of it count."
            ),
            spent=spent,
            allowed=allowed,
        )
    return said(N_("The insurer spent %(spent)s yuan on running the insurance; all of it counts."), spent=spent)


def _items(pairs: Sequence[tuple[str, Decimal]]) -> Said:
    """'claims 3.00, expense allowed 1.00': each item with its amount; what is zero is left out where others are not."""
    kept = [pair for pair in pairs if pair[1]] or list(pairs[:1])
    listed: Said | None = None
    for name, amount in kept:
        one = said(N_("%(item)s %(amount)s"), item=Said(ITEMS[name]), amount=amount)
        listed = one if listed is None else Said(N_("%(first)s, %(next)s"), {"first": listed, "next": one})
    return listed or said(N_("nothing"))


def _rate(rule: SharingRule, result: SharingResult) -> Said:
    message = N_(
        "Compared with %(base)s of %(amount)s yuan that is a rate of %(rate)s; it is compared exactly, not rounded."
    )
    return said(message, base=base_words(rule), amount=result.base, rate=rate_words(result.rate))


def base_words(rule: SharingRule) -> Said:
    """What the rate is taken of."""
    if rule.rate_base is not None and rule.rate_base.value == "income":
        return Said(N_("the income"))
    return Said(BASES.get(rule.metric, N_("the premium")))


def rate_words(rate: Fraction) -> str:
    """A rate in per cent, rounded to be read: four decimals at most, with a mark where digits are left out."""
    shown = Fraction(round(rate * 1_000_000), 1_000_000)
    return percent(shown) if shown == rate else f"≈{percent(shown)}"


def _portion(result: SharingResult, portion: Portion) -> Iterator[Said]:
    band = portion.band
    if len(result.portions) > 1:
        cause = N_("put down to policy") if portion.cause is Cause.POLICY else N_("from operation")
        yield said(N_("Of the loss %(amount)s yuan is %(cause)s."), amount=-portion.amount, cause=Said(cause))
    yield Said(N_("It lies in the band “%(band)s”."), {"band": band_words(band)})
    yield _share(result, portion)
    if band.provisional:
        yield Said(
            N_("The paper is silent here: the amounts are provisional and need a decision before they are paid.")
        )


def band_words(band: SharingBand) -> Said:
    """A band: 'surplus over 3% up to 5%'."""
    side = Said(N_("surplus") if band.side is Side.SURPLUS else N_("loss"))
    low, high = percent(band.lower), None if band.upper is None else percent(band.upper)
    if high is None and band.lower == 0:
        return Said(N_("any %(side)s"), {"side": side})
    if high is None:
        message = N_("%(side)s from %(low)s on") if band.lower_closed else N_("%(side)s over %(low)s")
        return Said(message, {"side": side, "low": low})
    if band.lower == 0:
        message = N_("%(side)s up to %(high)s, inclusive") if band.upper_closed else N_("%(side)s below %(high)s")
        return Said(message, {"side": side, "high": high})
    messages = {
        (False, True): N_("%(side)s over %(low)s up to %(high)s, inclusive"),
        (False, False): N_("%(side)s over %(low)s and below %(high)s"),
        (True, True): N_("%(side)s from %(low)s to %(high)s, both inclusive"),
        (True, False): N_("%(side)s from %(low)s and below %(high)s"),
    }
    return Said(messages[band.lower_closed, band.upper_closed], {"side": side, "low": low, "high": high})


def _share(result: SharingResult, portion: Portion) -> Said:
    band, surplus = portion.band, portion.amount >= 0
    if band.basis is Basis.NEGOTIATED:
        return Said(
            N_("Nothing is computed there: the departments and the insurer agree, and the decision is recorded.")
        )
    part = Decimal(0) if portion.insurer is None else round_fen(portion.insurer)
    low, size = percent(band.lower), abs(portion.amount)
    values: dict[str, Any] = {"share": percent(band.share or Decimal(0)), "size": size, "low": low, "part": part}
    if band.basis is Basis.FIXED:
        message = (
            N_("There the insurer gets a fixed %(part)s yuan.")
            if surplus
            else N_("There the insurer bears a fixed %(part)s yuan.")
        )
    elif band.basis is Basis.SLICE and band.lower > 0:
        message = (
            N_("There the insurer gets what it has at %(low)s, and %(share)s of what lies above: %(part)s yuan.")
            if surplus
            else N_(
                "There the insurer bears what it bears at %(low)s, and %(share)s of what lies above: %(part)s yuan."
            )
        )
    elif band.base is Base.PREMIUM:
        message = N_("There the insurer's part is %(share)s of the base: %(part)s yuan.")
    elif surplus:
        message = N_("There the insurer gets %(share)s of the whole surplus of %(size)s yuan: %(part)s yuan.")
    else:
        message = N_("There the insurer bears %(share)s of the whole loss of %(size)s yuan: %(part)s yuan.")
    return said(message, **values)


def _parts(result: SharingResult) -> Iterator[Said]:
    if result.insurer is None or result.fund is None:
        return
    before = sum((portion.insurer or Fraction(0) for portion in result.portions), Fraction(0))
    if round_fen(before) != abs(result.insurer):
        yield said(N_("The rule's limits or its rounding make that %(part)s yuan."), part=abs(result.insurer))
    if result.balance >= 0:
        yield said(
            N_("So the insurer gets %(insurer)s yuan and the fund gets back the rest, %(fund)s yuan."),
            insurer=result.insurer,
            fund=result.fund,
        )
    else:
        yield said(
            N_("So the insurer bears %(insurer)s yuan and the fund the rest, %(fund)s yuan."),
            insurer=-result.insurer,
            fund=-result.fund,
        )


def _beside(result: SharingResult) -> Iterator[Said]:
    move, held = result.reserve, result.retention
    if move is not None and move.paid_in:
        yield said(
            N_("Of the fund's part %(paid)s yuan goes into the risk reserve, which then holds %(closing)s yuan."),
            paid=move.paid_in,
            closing=move.closing,
        )
    if move is not None and move.drawn:
        yield said(
            N_("The risk reserve has paid %(drawn)s yuan and holds %(closing)s yuan."),
            drawn=move.drawn,
            closing=move.closing,
        )
    if held is not None:
        yield said(
            N_(
                "%(held)s yuan were held back; the assessment releases %(released)s yuan,"
                " %(forfeited)s yuan stay with the fund."
            ),
            held=held.held,
            released=held.released,
            forfeited=held.forfeited,
        )


def explain_part(part: Part, settled: Sequence[Settled], *, interim: bool) -> Iterator[Said]:
    """What of a pool or term a sheet divides, after `explain` has told the whole."""
    if part.insurer is None or part.fund is None:
        return
    yield Said(N_("Of that the insurer's part is handed back by premium: %(formula)s."), {"formula": part.formula})
    for one in settled:
        yield said(
            N_("Sheet %(label)s has settled %(balance)s yuan of it already; that is taken off."),
            label=one.label,
            balance=one.balance,
        )
    yield said(
        N_("This sheet divides %(balance)s yuan: the insurer's part is %(insurer)s yuan, the fund's %(fund)s yuan."),
        balance=part.balance,
        insurer=part.insurer,
        fund=part.fund,
    )
    if interim:
        yield Said(N_("The term goes on: the amounts are provisional, and the last year settles the term."))


def warnings(found: Incentives) -> tuple[Said, ...]:
    """What to know about a rule before it is signed: jumps, then temptations, then where nothing moves."""
    return (
        *(_jump(jump) for jump in found.jumps),
        *(_temptation(one) for one in found.temptations),
        *(_excess(rate) for rate in found.excess),
        *(_flat(flat) for flat in found.flats),
    )


def _jump(jump: Jump) -> Said:
    edge = percent(jump.edge)
    return said(
        N_(
            "Jump of %(size)s yuan at %(edge)s (claims of %(claims)s yuan): there the insurer's part is %(inner)s yuan,"
            " one fen beyond it %(outer)s yuan."
        )
        if jump.edge
        else N_(
            "Jump of %(size)s yuan at 0: in the smallest loss the insurer's part is %(inner)s yuan, at 0 %(outer)s."
        ),
        size=jump.size,
        edge=edge,
        claims=jump.claims,
        inner=jump.inner,
        outer=jump.outer,
    )


def _temptation(one: Temptation) -> Said:
    values: dict[str, Any] = {
        "low": rate_words(one.low), "most": one.most, "best": _best(one), "part": one.part, "gain": one.gain,
    }  # fmt: skip
    if one.high is None:
        return said(
            N_(
                "The insurer is better off by paying more claims wherever they are below %(most)s yuan (rates over"
                " %(low)s): at %(best)s its part is %(part)s yuan, up to %(gain)s yuan more."
            ),
            **values,
        )
    return said(
        N_(
            "The insurer is better off by paying more claims wherever they lie between %(fewest)s and %(most)s yuan"
            " (rates from %(low)s to %(high)s): at %(best)s its part is %(part)s yuan, up to %(gain)s yuan more."
        ),
        high=rate_words(one.high),
        fewest=one.fewest,
        **values,
    )


def _best(one: Temptation) -> Said:
    message = {"at": "%(rate)s", "past": N_("just past %(rate)s"), "before": N_("just short of %(rate)s")}[one.where]
    return Said(message, {"rate": rate_words(one.best)})


def _excess(rate: Fraction) -> Said:
    return Said(
        N_("At a rate of about %(rate)s the insurer gets more than the surplus, or bears more than the loss."),
        {"rate": rate_words(rate)},
    )


def _flat(flat: Flat) -> Said:
    values = {"part": show_yuan(flat.part)}
    if flat.low is not None:
        values["low"] = rate_words(flat.low)
    if flat.high is not None:
        values["high"] = rate_words(flat.high)
    message = {
        (True, True): N_(
            "From %(low)s to %(high)s the insurer's part stays at %(part)s yuan:"
            " what it saves or spends there is not its own."
        ),
        (True, False): N_("Above %(low)s the insurer's part stays at %(part)s yuan: it has no reason to save further."),
        (False, True): N_("Below %(high)s the insurer's part stays at %(part)s yuan: more claims cost it nothing."),
        (False, False): N_("At every rate the insurer's part is %(part)s yuan: it bears no risk."),
    }[flat.low is not None, flat.high is not None]
    return Said(message, values)
