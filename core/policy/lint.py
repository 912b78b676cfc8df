"""What a pack may not contradict: dates of a series, ratios, work money; each with key and reason."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from core.policy.model import BenefitRule, WorkFundingRule
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
