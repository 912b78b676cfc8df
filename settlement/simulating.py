"""`flask settlement simulate`: a sharing rule on any figures, checked, calculated, explained, tabulated and drawn."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from babel.support import NullTranslations, Translations

from core.cli import answer, as_json
from core.config import ROOT
from core.errors import Invalid, N_
from core.money import MoneyError, show_rate, show_yuan, yuan
from core.policy.advice import advisers
from core.policy.library import load_sharing_rule, view
from core.policy.model import Cause, SharingRule
from settlement.charts import rule_chart
from settlement.rules.incentives import Incentives, incentives, of_premium
from settlement.rules.sharing import Line, SharingInputs, SharingInvalid, SharingResult, compare_readings, exact_text
from settlement.rules.sharing import settle as settled
from settlement.rules.words import Said, explain, warnings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Yuan(click.ParamType):
    """An exact amount in yuan; a fraction of a fen or anything that is no number is refused."""

    name = "yuan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            return yuan(value)
        except MoneyError as wrong:
            self.fail(str(wrong), param, ctx)


class Rate(click.ParamType):
    """A fraction from 0 to 1, written 0.92."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            rate = Decimal(str(value))
        except ArithmeticError:
            rate = Decimal(-1)
        if not 0 <= rate <= 1:
            self.fail(f"{value} is not a fraction from 0 to 1, such as 0.92", param, ctx)
        return rate


def _amount(name: str, words: str) -> Any:
    return click.option(f"--{name}", type=Yuan(), default="0", help=words)


@click.command("simulate")
@click.option("--pack", help="A policy pack, or the beginning of its name; needs --on.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day whose rule applies.")
@click.option("--rule", "rule_file", type=FILE, help="A file with a sharing rule, instead of a pack.")
@click.option("--reading", help="How to read an ambiguous rule (whole, slice, floor …); the rule's default if absent.")
@click.option("--premium", type=Yuan(), required=True, help="Premium of the year, in yuan.")
@click.option("--claims", type=Yuan(), help="Claims of the year, in yuan; not needed with --lint or --table.")
@_amount("expense", "The insurer's expense, in yuan, where the rule counts it.")
@click.option("--cause", type=click.Choice([cause.value for cause in Cause]), default=Cause.OPERATING.value)
@_amount("attributable", "The part of a loss put down to policy, where the rule splits causes.")
@_amount("target", "The agreed cost, for a rule measured against one.")
@click.option("--reserve-change", type=Yuan(), default="0", help="Closing less opening claims reserve.")
@_amount("interest", "Interest, where the rule counts it.")
@_amount("quality-expense", "Quality expense, where the rule counts it.")
@_amount("taxes", "Taxes and levies, where the rule counts them.")
@click.option("--carried", type=Yuan(), default="0", help="Balance carried in from earlier years.")
@_amount("reserve-opening", "What the risk reserve holds.")
@click.option("--score", type=Rate(), default="1", help="The assessment score as a fraction of full marks.")
@click.option("--expense-cap", type=Rate(), help="The contract's own cap on the expense, of the premium.")
@click.option("--all-readings", is_flag=True, help="The parts under every reading side by side.")
@click.option("--table", type=Yuan(), nargs=3, metavar="FROM TO STEP", help="A table over claims from FROM to TO.")
@click.option("--lint", is_flag=True, help="Jumps and perverse incentives of the rule for this premium.")
@click.option("--explain", "in_steps", is_flag=True, help="The calculation step by step in plain words.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", help="Language of --explain and --lint.")
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), help="Draw the rule into this SVG file.")
@as_json
def simulate(**given: Any) -> None:
    """Share the balance of PREMIUM and CLAIMS by the rule of a pack on a day, or by a rule file."""
    on: datetime | None = given["on"]
    rule = _rule(given["pack"], on.date() if on else None, given["rule_file"])
    looks = given["lint"] or given["table"] or given["chart"]
    if given["claims"] is None and not looks:
        raise Invalid(N_("Give --claims, or --lint, --table or --chart to look at the rule without a year"))
    try:
        data, words = _answers(rule, _inputs(given), given)
    except SharingInvalid as wrong:
        raise Invalid(N_("This cannot be shared: %(reason)s"), reason=str(wrong)) from wrong
    answer(data, given["as_json"], "\n\n".join(words))


def _answers(rule: SharingRule, inputs: SharingInputs, given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What was asked for, as data and as blocks of text, in the order calculation, words, readings, table, lint."""
    reading, say = given["reading"], speaker(given["language"])
    result = settled(rule, inputs, reading)
    data: dict[str, Any] = {}
    words: list[str] = []
    if given["claims"] is not None:
        data, words = as_data(result), [in_words(result)]
        if given["in_steps"]:
            data["words"] = [say(sentence) for sentence in explain(rule, inputs, result)]
            words.append("\n".join(f"{number}. {one}" for number, one in enumerate(data["words"], 1)))
        if given["all_readings"]:
            data["readings"], told = _readings(rule, inputs)
            words.append(told)
    if given["table"]:
        data["table"], told = _table(rule, inputs, given)
        words.append(told)
    if given["lint"]:
        found = incentives(rule, inputs, reading)
        data["incentives"] = incentive_data(found)
        data["warnings"] = [say(sentence) for sentence in warnings(found)]
        words.append("\n".join(data["warnings"]) or say(Said(NOTHING)))
    if given["chart"] is not None:
        chart = rule_chart(rule, inputs, reading, say, point=given["claims"] is not None)
        _write(given["chart"], chart.svg)
        data["chart"] = str(given["chart"])
        words.append(f"{chart.description}\n{given['chart']}")
    return data, words


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as wrong:
        raise Invalid(N_("%(file)s cannot be written: %(reason)s"), file=str(path), reason=wrong.strerror) from wrong


def _inputs(given: dict[str, Any]) -> SharingInputs:
    names = (
        "premium", "expense", "attributable", "target", "reserve_change", "interest", "quality_expense", "taxes",
        "carried", "reserve_opening", "score",
    )  # fmt: skip
    try:
        return SharingInputs(
            claims=given["premium"] if given["claims"] is None else given["claims"],
            cause=Cause(given["cause"]),
            expense_cap_rate=given["expense_cap"],
            **{name: given[name] for name in names},
        )
    except SharingInvalid as wrong:
        raise Invalid(N_("This cannot be shared: %(reason)s"), reason=str(wrong)) from wrong


def _readings(rule: SharingRule, inputs: SharingInputs) -> tuple[dict[str, Any], str]:
    results = compare_readings(rule, inputs)
    data = {
        name: {"insurer": _text(one.insurer), "fund": _text(one.fund), "outcome": one.outcome}
        for name, one in results.items()
    }
    width = max(len(name) for name in [*results, "reading"])
    lines = [f"{'reading':<{width}}{'insurer':>22}{'fund':>22}  outcome"]
    lines += [
        f"{name:<{width}}{show_yuan(one.insurer):>22}{show_yuan(one.fund):>22}  {one.outcome}"
        for name, one in results.items()
    ]
    return data, "\n".join(lines)


#: The size of contract that a rule is looked at for where none is given.
EXAMPLE = Decimal(100_000_000)
NOTHING = N_("No jumps, nothing that pays for spending more.")
#: A table longer than this is no table any more.
MOST_ROWS = 10_000


def _table(rule: SharingRule, inputs: SharingInputs, given: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    first, last, step = given["table"]
    if step <= 0 or last < first or (last - first) / step > MOST_ROWS:
        raise Invalid(N_("The table needs FROM ≤ TO and a STEP above 0, with at most %(rows)s rows"), rows=MOST_ROWS)
    names = [one.name for one in rule.readings] if given["all_readings"] else [given["reading"]]
    rows, lines = [], []
    width = max([20, *(len(one.name) + 11 for one in rule.readings)])
    claims = first
    while claims <= last:
        results = [settled(rule, replace(inputs, claims=claims), name) for name in names]
        parts = {one.reading: {"insurer": _text(one.insurer), "fund": _text(one.fund)} for one in results}
        rows.append({"claims": str(claims), "rate": exact_text(results[0].rate), "readings": parts})
        cells = "".join(f"{show_yuan(one.insurer):>{width}}{show_yuan(one.fund):>20}" for one in results)
        lines.append(f"{show_yuan(claims):>20}{show_rate(results[0].rate):>12}{cells}")
        claims += step
    titles = "".join(f"{f'{name}: insurer':>{width}}{'fund':>20}" for name in rows[0]["readings"])
    return rows, "\n".join([f"{'claims':>20}{'rate':>12}{titles}", *lines])


def advice(rule: SharingRule) -> list[str]:
    """What `flask policy check` adds for a rule that is in order: every reading, for a premium of 100 million."""
    found = []
    for one in rule.readings:
        sentences = warnings(incentives(rule, of_premium(EXAMPLE), one.name))
        words = [f"  {sentence.in_english()}" for sentence in sentences] or [f"  {NOTHING}"]
        found += [f"Reading {one.name}, premium {show_yuan(EXAMPLE)} yuan:", *words]
    return found


advisers.append(advice)


def incentive_data(found: Incentives) -> dict[str, Any]:
    """Incentives as data: rates as exact text, amounts as strings in yuan."""
    return {
        "sound": found.sound,
        "jumps": [
            {"rate": exact_text(one.edge), "claims": str(one.claims), "inner": str(one.inner), "outer": str(one.outer)}
            for one in found.jumps
        ],
        "temptations": [
            {
                "from_rate": exact_text(one.low),
                "to_rate": _exact(one.high),
                "claims_from": _text(one.fewest),
                "claims_to": str(one.most),
                "best_rate": exact_text(one.best),
                "best": str(one.part),
                "gain": str(one.gain),
            }
            for one in found.temptations
        ],
        "flats": [
            {"from_rate": _exact(one.low), "to_rate": _exact(one.high), "insurer": str(one.part)} for one in found.flats
        ],
        "excess": [exact_text(rate) for rate in found.excess],
    }


def speaker(language: str) -> Any:
    """Says a sentence in English ('en') or Chinese ('zh')."""
    if language == "en":
        return Said.in_english
    found = NullTranslations()
    for room in sorted((ROOT / "translations").iterdir()):
        found.add_fallback(Translations.load(room, ["zh_CN"]))

    def say(sentence: Said) -> str:
        values = {name: say(value) if isinstance(value, Said) else value for name, value in sentence.values.items()}
        message: str = found.gettext(sentence.message)
        return message % values if values else message

    return say


def as_data(result: SharingResult) -> dict[str, Any]:
    """A result as its fixed JSON: exact strings in yuan, the rate as `exact_text`, null where nothing is computed."""
    return {
        "rate": exact_text(result.rate),
        "balance": str(result.balance),
        "insurer": _text(result.insurer),
        "fund": _text(result.fund),
        "outcome": result.outcome,
        "reading": result.reading,
        "lines": [_line_data(line) for line in result.lines],
    }


def in_words(result: SharingResult) -> str:
    """A result as a short aligned text: the steps, then the parts."""
    steps = [f"{line.step:<9}{show_yuan(line.amount):>20}  {line.formula}  [{line.clause}]" for line in result.lines]
    end = [
        f"rate     {show_rate(result.rate):>20}  exactly {exact_text(result.rate)}",
        f"insurer  {show_yuan(result.insurer):>20}",
        f"fund     {show_yuan(result.fund):>20}",
        f"outcome  {result.outcome}, reading {result.reading}, band {result.band.key}",
    ]
    return "\n".join([*steps, "", *end])


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "step": line.step,
        "clause": str(line.clause),
        "formula": line.formula,
        "inputs": {name: str(amount) for name, amount in line.inputs},
        "amount": _text(line.amount),
        "rounding": line.rounding,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _exact(rate: Fraction | None) -> str | None:
    return None if rate is None else exact_text(rate)


def _rule(pack: str | None, on: date | None, rule_file: Path | None) -> SharingRule:
    if rule_file is not None and pack is None and on is None:
        return load_sharing_rule(rule_file)
    if rule_file is not None or pack is None or on is None:
        raise Invalid(N_("Give either --pack with --on, or --rule"))
    rule = view(pack, on).sharing
    if rule is None:
        raise Invalid(
            N_("The policy pack %(pack)s has no sharing formula on %(day)s; the contract must state one (--rule)"),
            pack=pack,
            day=on.isoformat(),
        )
    return rule
