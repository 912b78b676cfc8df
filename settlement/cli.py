"""Settlement from the command line: what a sharing rule gives for any figures, without a contract or a database."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from core.cli import Commands, answer, as_json
from core.errors import Invalid, N_
from core.money import MoneyError, show_rate, show_yuan, yuan
from core.policy.library import load_sharing_rule, view
from core.policy.model import Cause, SharingRule
from settlement.rules.sharing import Line, SharingInputs, SharingInvalid, SharingResult, exact_text, settle

cli = Commands("settlement", help="The year's settlement: who keeps the surplus and bears the loss.")

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Yuan(click.ParamType):
    """An exact amount in yuan; a fraction of a fen or anything that is no number is refused."""

    name = "yuan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            return yuan(value)
        except MoneyError as wrong:
            self.fail(str(wrong), param, ctx)


@cli.command("simulate")
@click.option("--pack", help="A policy pack, or the beginning of its name; needs --on.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day whose rule applies.")
@click.option("--rule", "rule_file", type=FILE, help="A file with a sharing rule, instead of a pack.")
@click.option("--reading", help="How to read an ambiguous rule (whole, slice, floor …); the rule's default if absent.")
@click.option("--premium", type=Yuan(), required=True, help="Premium of the year, in yuan.")
@click.option("--claims", type=Yuan(), required=True, help="Claims of the year, in yuan.")
@click.option("--expense", type=Yuan(), default="0", help="The insurer's expense, in yuan, where the rule counts it.")
@click.option("--cause", type=click.Choice([cause.value for cause in Cause]), default=Cause.OPERATING.value)
@as_json
def simulate(
    pack: str | None,
    on: datetime | None,
    rule_file: Path | None,
    reading: str | None,
    premium: Decimal,
    claims: Decimal,
    expense: Decimal,
    cause: str,
    as_json: bool,
) -> None:
    """Share the balance of PREMIUM and CLAIMS by the rule of a pack on a day, or by a rule file."""
    rule = _rule(pack, on.date() if on else None, rule_file)
    try:
        result = settle(rule, SharingInputs(premium, claims, expense, cause=Cause(cause)), reading)
    except SharingInvalid as wrong:
        raise Invalid(N_("This cannot be shared: %(reason)s"), reason=str(wrong)) from wrong
    answer(as_data(result), as_json, in_words(result))


def as_data(result: SharingResult) -> dict[str, Any]:
    """A result as its fixed JSON: exact strings in yuan, the rate as `exact_text`, null where nothing is computed."""
    return {
        "rate": exact_text(result.rate),
        "balance": str(result.balance),
        "insurer": None if result.insurer is None else str(result.insurer),
        "fund": None if result.fund is None else str(result.fund),
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


def _line_data(line: Line) -> dict[str, str | None]:
    return {
        "step": line.step,
        "clause": str(line.clause),
        "formula": line.formula,
        "amount": None if line.amount is None else str(line.amount),
        "rounding": line.rounding,
    }


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
