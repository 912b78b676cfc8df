"""What a pack may not contradict: dates of a series, edges of bands, readings, ratios; each with key and reason."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from core.policy.model import BenefitRule, SharingBand, SharingRule, WorkFundingRule
from core.policy.model.sharing import BandTreatment, Basis, Cause, ExpenseTreatment, Side
from core.policy.pack import Dated, Identity

Fault = tuple[str, str]


def dates(section: str, entries: list[Dated], identity: Identity) -> Iterator[Fault]:
    """Duplicate, overlapping or missing days in a series, and days before or after the paper is in force."""
    ordered = sorted(entries, key=lambda entry: entry.start)
    for entry in ordered:
        place = f"{section}[{entry.start}]"
        if entry.start < identity.in_force_from:
            yield place, f"begins before the pack is in force ({identity.in_force_from})"
        if identity.in_force_until is not None and entry.start > identity.in_force_until:
            yield place, f"begins after the pack has ended ({identity.in_force_until})"
        if entry.until is not None and entry.until < entry.start:
            yield f"{place}.until", f"ends {entry.until}, before it begins"
    for earlier, later in pairwise(ordered):
        place = f"{section}[{later.start}]"
        if earlier.start == later.start:
            yield place, f"duplicate date: two entries begin on {later.start}"
        elif earlier.until is not None and earlier.until >= later.start:
            yield place, f"overlap: the entry before it runs until {earlier.until}"
        elif earlier.until is not None and earlier.until + timedelta(days=1) < later.start:
            yield place, f"gap: nothing is in force from {earlier.until + timedelta(days=1)} until the day before it"


def benefits(place: str, rule: BenefitRule) -> Iterator[Fault]:
    """Ratios that contradict each other, and tilts that name a group twice or improve nothing."""
    ratios = rule.ratios
    if ratios and ratios.start is not None and ratios.highest is not None and ratios.start > ratios.highest:
        yield f"{place}.ratios", f"the start ratio {ratios.start} is above the highest ratio {ratios.highest}"
    groups = [group for tilt in rule.tilts for group in tilt.groups]
    for group in sorted({group for group in groups if groups.count(group) > 1}):
        yield f"{place}.tilts", f"the group {group} has two tilts"
    for number, tilt in enumerate(rule.tilts, 1):
        if tilt.deductible_cut is None and tilt.ratio_points is None and tilt.ratio_floor is None:
            yield f"{place}.tilts[{number}]", "changes neither deductible nor ratio"


def sharing(place: str, rule: SharingRule) -> Iterator[Fault]:
    """Bands that leave a gap, overlap or do not increase; shares that cannot be applied; readings that do not fit."""
    yield from _expense(place, rule)
    yield from _house(place, rule)
    yield from _readings(place, rule)
    for band in rule.bands:
        yield from _band(f"{place}.bands[{band.key}]", band)
    for side in Side:
        for cause in Cause:
            chosen = [band for band in rule.bands if band.side is side and cause in band.causes]
            yield from _cover(place, side, cause, sorted(chosen, key=lambda band: (band.lower, not band.lower_closed)))


def _expense(place: str, rule: SharingRule) -> Iterator[Fault]:
    if rule.expense is ExpenseTreatment.FIXED and rule.expense_cap_rate is None:
        yield f"{place}.expense_cap_rate", "missing: a fixed expense needs its rate of the premium"
    if rule.expense in (ExpenseTreatment.EXCLUDED, ExpenseTreatment.ACTUAL) and rule.expense_cap_rate is not None:
        yield f"{place}.expense_cap_rate", f"contradicts expense = “{rule.expense}”, which knows no cap"
    low, high = rule.insurer_min_rate, rule.insurer_max_rate
    if low is not None and high is not None and low > high:
        yield f"{place}.insurer_min_rate", f"{low} is above insurer_max_rate {high}"


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
            elif treatment.basis is None and treatment.share is None:
                yield at, "changes neither basis nor share"
            elif _lacks_share(treatment, bands[treatment.band]):
                yield at, "needs a share, which the band itself does not have"


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


def _is_point(band: SharingBand) -> bool:
    return band.upper == band.lower and band.lower_closed and band.upper_closed


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


def work_funding(place: str, rule: WorkFundingRule) -> Iterator[Fault]:
    """Work money needs an amount by head or by size, and sizes without gap."""
    if (rule.per_head is None) == (not rule.brackets):
        yield place, "give either per_head or brackets"
    edge: Decimal | int | None = 0
    for number, bracket in enumerate(rule.brackets, 1):
        if bracket.above != edge:
            yield f"{place}.brackets[{number}]", f"gap or overlap: begins above {bracket.above}, not above {edge}"
        edge = bracket.up_to
    if rule.brackets and edge is not None:
        yield f"{place}.brackets", f"gap: nothing above {edge} people"
