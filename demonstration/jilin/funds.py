"""The yearly accounts of the two funds that pay the premium, as finance states them: invented, like everything here."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

from core.clock import beijing
from demonstration.jilin.case import case
from demonstration.stage import Stage, working
from settlement.services.funds import state_fund_year
from tender.models import Scheme


def fund_accounts(stage: Stage, year: int) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """When the accounts of a year are stated, and the act that states them, for each fund."""
    for place, entry in enumerate(one for one in case()["fund_years"] if one["year"] == year):
        yield working(beijing(year + 1, 5, 20, 10, 10 * place)), lambda entry=entry: _state(stage, entry)  # type: ignore[misc]


def _state(stage: Stage, entry: dict[str, str]) -> None:
    year = int(entry["year"])
    with stage.at() as session:
        state_fund_year(
            session,
            stage.cast["finance"],
            stage.clock,
            stage.cast.organisations["agency"],
            Scheme(entry["scheme"]),
            year=year,
            opening_balance=Decimal(entry["opening_balance"]),
            income=Decimal(entry["income"]),
            expenditure=Decimal(entry["expenditure"]),
            source=entry["source"],
        )
    stage.step(f"财政部门录入{entry['source']}")
