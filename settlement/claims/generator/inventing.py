"""Persons, settlements, dates and costs of an invented claim file, scaled until its benefits come to the order."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa

from core.money import from_fen, to_fen
from settlement.claims.findings import Kind
from settlement.claims.format import CHANNELS
from settlement.claims.generator.paying import benefits, running, sorted_claims
from settlement.claims.generator.planting import plant
from settlement.claims.generator.stream import Stream, Whole
from settlement.rules.benefits import GROUPS, YearTerms, curve

COUNTIES = ("城区", "江区", "桥市", "林市", "东县", "西县", "南县", "北县", "山县", "河县", "湖县", "原县")
COUNTY_WEIGHTS = (190, 120, 110, 100, 85, 80, 75, 70, 60, 50, 35, 25)
#: Yuan a beneficiary gets on average; beneficiaries in thousandths of the insured, least and most (regulation F.4).
MEAN_BENEFIT, LEAST_SHARE, MOST_SHARE = 6_500, 3, 12
#: In thousandths: persons by group, in the order of GROUPS; settlements a year (1, 2, 3 …); channels; months.
GROUP_WEIGHTS = (880, 54, 18, 48, 0)
GENERAL_TIMES, POOR_TIMES = (500, 300, 150, 50), (0, 150, 250, 250, 200, 100, 50)
CHANNEL_WEIGHTS = (620, 230, 150)
MONTH_WEIGHTS = (40, 40, 60, 60, 70, 70, 70, 80, 90, 120, 140, 160)
#: Days from settlement to acceptance and from there to payment, least and spread, by channel in the order of CHANNELS.
ACCEPT_DAYS, PAY_DAYS = ((0, 1), (0, 4), (1, 20)), ((0, 2), (1, 10), (5, 36))
#: One person in so many stays under the deductible; claims a person on average, in hundredths.
UNDER_ONE_IN, TIMES = 16, 200


@dataclass(frozen=True)
class Order:
    """What to invent. insured: persons of the contract; benefit: the right benefits in all, in yuan.

    The claims depend on contract_number, year and seed; more persons are invented where least_claims asks for them.
    """

    contract_number: str
    year: int
    insured: int
    benefit: Decimal
    terms: YearTerms
    seed: str = "演示"
    least_claims: int = 20_000


@dataclass(frozen=True)
class Generated:
    """Invented claims in the columns of the format, amounts in fen, in the order of settlement.

    benefit: the right benefits in all, in yuan, within ten yuan of the order; planted: claim_id → kind of each wrong
    reported benefit.
    """

    claims: pa.Table
    benefit: Decimal
    planted: dict[str, Kind]


def generate(order: Order) -> Generated:
    """The claims of an order; the same order gives the same claims. Raises ValueError for a sum out of reach."""
    stream = Stream(order.contract_number, order.year, order.seed)
    persons = _persons(order)
    group = stream.choose(GROUP_WEIGHTS, persons)
    times = np.where(group > 0, stream.choose(POOR_TIMES, persons), stream.choose(GENERAL_TIMES, persons)) + 1
    owner = np.repeat(np.arange(persons), times)
    first = np.concatenate(([True], owner[1:] != owner[:-1]))
    day = _days(order.year, stream, len(owner))
    day = day[np.lexsort((day, owner))]
    claims = sorted_claims(order.terms, group[owner], day, first)
    burdens = _burdens(order, stream, group, owner, first)
    burden = burdens(_scale(order, lambda scale: int(benefits(claims, burdens(scale)).sum())))
    right = benefits(claims, burden)
    reported, planted = plant(stream, claims, group[owner], burden, right)
    in_file = np.lexsort((owner, day))
    number = np.empty(len(owner), np.int64)
    number[in_file] = np.arange(1, len(owner) + 1)
    claim_id = np.array([f"{order.contract_number}-{at:06}" for at in number.tolist()])
    columns = {
        "claim_id": claim_id,
        "person_id": _pseudonyms(stream, persons)[owner],
        "contract_number": np.full(len(owner), order.contract_number),
        "settled_on": day,
        "group": np.array(GROUPS)[group][owner],
        "county": np.array([f"演示{name}" for name in COUNTIES])[stream.choose(COUNTY_WEIGHTS, persons)][owner],
        **_course(stream, day),
        **_costs(stream, group[owner], burden),
        "reported_benefit": reported,
    }
    table = _table({name: values[in_file] for name, values in columns.items()})
    kinds = {str(claim_id[at]): planted[at] for at in sorted(planted)}
    return Generated(table, from_fen(int(right.sum())), kinds)


def _persons(order: Order) -> int:
    paid = int(order.benefit) // MEAN_BENEFIT
    paid = min(max(paid, order.insured * LEAST_SHARE // 1000), order.insured * MOST_SHARE // 1000)
    by_benefit = paid * UNDER_ONE_IN // (UNDER_ONE_IN - 1)
    return max(by_benefit, order.least_claims * 105 // TIMES)


def _days(year: int, stream: Stream, count: int) -> Whole:
    """Days since 1970 in the year, more of them towards its end."""
    months = np.arange(f"{year}-01", f"{year + 1}-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
    month = stream.choose(MONTH_WEIGHTS, count)
    return months[month] + stream.below(1 << 31, count) % (months[month + 1] - months[month])


def _burdens(order: Order, stream: Stream, group: Whole, owner: Whole, first: np.ndarray) -> Callable[[int], Whole]:
    """The burden of every claim in fen as a function of the scale: lognormal above the person's deductible."""
    persons = len(group)
    size, under, low = stream.lognormal(persons), stream.below(UNDER_ONE_IN, persons) == 0, stream.below(650, persons)
    deductible = np.array([curve(order.terms.versions[0], name).deductible for name in GROUPS])[group]
    weight = 64 + stream.below(1024, len(owner))
    so_far = running(weight, first)
    whole = np.bincount(owner, weight, persons).astype(np.int64)[owner]

    def burdens(scale: int) -> Whole:
        yearly = np.where(under, deductible * (300 + low) // 1000, deductible + (size * scale >> 30))[owner]
        return yearly * so_far // whole - yearly * (so_far - weight) // whole

    return burdens


def _scale(order: Order, benefit_at: Callable[[int], int]) -> int:
    """The least scale at which the benefits reach the order's sum."""
    wanted = to_fen(order.benefit)
    low, high = 0, 1 << 36
    if not benefit_at(low) <= wanted <= benefit_at(high):
        raise ValueError(f"benefits of {order.benefit} cannot be reached with {order.insured} insured")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if benefit_at(middle) < wanted else (low, middle)
    return high


def _pseudonyms(stream: Stream, persons: int) -> np.ndarray:
    """One code a person: an odd multiple in 40 bits, so that no two are the same."""
    offset = int(stream.below(1 << 31, 1)[0])
    return np.array([f"P{((at + 1) * 0x9E3779B97F + offset) % (1 << 40):010X}" for at in range(persons)])


def _course(stream: Stream, day: Whole) -> dict[str, np.ndarray]:
    """Admission, channel, acceptance and payment of claims settled on `day`."""
    channel = stream.choose(CHANNEL_WEIGHTS, len(day))
    accepted = day + _spread(stream, ACCEPT_DAYS, channel)
    return {
        "admitted_on": day - 2 - stream.below(30, len(day)),
        "channel": np.array(CHANNELS)[channel],
        "accepted_on": accepted,
        "paid_on": accepted + _spread(stream, PAY_DAYS, channel),
    }


def _spread(stream: Stream, days: tuple[tuple[int, int], ...], channel: Whole) -> Whole:
    least, spread = np.array(days).T
    return least[channel] + stream.below(1 << 31, len(channel)) % spread[channel]


def _costs(stream: Stream, group: Whole, burden: Whole) -> dict[str, Whole]:
    """Costs around the burden: the basic fund pays 45 to 70 % of the compliant cost, 8 points more for the poor."""
    ratio = 450 + stream.below(250, len(burden)) + np.where(group > 0, 80, 0)
    fund = burden * ratio // (1000 - ratio)
    compliant = burden + fund
    return {
        "total_cost": compliant + compliant * (20 + stream.below(260, len(burden))) // 1000,
        "compliant_cost": compliant,
        "basic_fund_paid": fund,
        "self_paid_compliant": burden,
    }


def _table(columns: dict[str, np.ndarray]) -> pa.Table:
    return pa.table(
        {
            name: pa.array(values.astype("datetime64[D]") if name.endswith("_on") else values)
            for name, values in columns.items()
        }
    )
