"""Checks the terms of a contract year against what the paper allows; each finding names its clause."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from core.errors import N_
from core.policy.model import BenefitRule, BenefitTerms, Clause, RatioRule, Tilt, TiltTerms


@dataclass(frozen=True)
class Finding:
    """One way in which the terms depart from the paper. place: the field; message: an English message id."""

    place: str
    message: str
    clause: Clause
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.message % self.params} [{self.clause}]"


def check_terms(rule: BenefitRule, terms: BenefitTerms) -> tuple[Finding, ...]:
    """What in the terms of a contract year the paper does not allow; nothing where they agree or it is silent."""
    return (
        *_bands(rule, terms),
        *(_ratios(rule.ratios, terms) if rule.ratios else ()),
        *(finding for tilt in rule.tilts for group in tilt.groups for finding in _tilt(group, tilt, terms)),
    )


def _bands(rule: BenefitRule, terms: BenefitTerms) -> Iterator[Finding]:
    """Whatever the paper says: bands begin at 0, leave nothing out and end nowhere."""
    clause = next((parameter.clause for parameter in rule.parameters if parameter.key == "bands"), rule.clause)
    if not terms.bands:
        yield Finding("bands", N_("The contract year has no payment bands"), clause)
        return
    if terms.bands[0].lower != 0 or terms.bands[-1].upper is not None:
        yield Finding("bands", N_("The bands must begin at 0 and the last one must be open"), clause)
    for below, above in pairwise(terms.bands):
        if below.upper != above.lower:
            message = N_("The bands do not meet: one ends at %(upper)s, the next begins at %(lower)s")
            yield Finding("bands", message, clause, {"upper": below.upper, "lower": above.lower})


def _ratios(rule: RatioRule, terms: BenefitTerms) -> Iterator[Finding]:
    ratios = [band.ratio for band in terms.bands]
    if rule.start is not None and ratios and ratios[0] != rule.start:
        message = N_("The first band pays %(ratio)s; the paper sets the start ratio %(start)s")
        yield Finding("bands", message, rule.clause, {"ratio": ratios[0], "start": rule.start})
    if rule.highest is not None and any(ratio > rule.highest for ratio in ratios):
        message = N_("A band pays %(ratio)s; the paper allows at most %(highest)s")
        yield Finding("bands", message, rule.clause, {"ratio": max(ratios), "highest": rule.highest})
    if rule.rising and any(above <= below for below, above in pairwise(ratios)):
        yield Finding("bands", N_("The ratios must rise with the costs"), rule.clause)
    if rule.maximum_required and terms.cap is None:
        yield Finding("cap", N_("The paper asks for a maximum payout; the contract year sets none"), rule.clause)


def _tilt(group: str, rule: Tilt, terms: BenefitTerms) -> Iterator[Finding]:
    place, params = f"tilts.{group}", {"group": group}
    given = terms.tilts.get(group)
    if given is None:
        yield Finding(place, N_("The tilt for %(group)s is missing"), rule.clause, params)
        return
    if rule.deductible_cut is not None and _departs(given.deductible_cut, rule.deductible_cut, rule.at_least):
        message = N_("The deductible of %(group)s is cut by %(given)s; the paper says %(asked)s")
        yield _compared(place, message, rule, group, given.deductible_cut, rule.deductible_cut)
    if rule.ratio_points is not None and given.ratio_points != rule.ratio_points:
        message = N_("The ratios of %(group)s rise by %(given)s; the paper says %(asked)s")
        yield _compared(place, message, rule, group, given.ratio_points, rule.ratio_points)
    if rule.ratio_floor is not None and _lowest_ratio(given, terms) < rule.ratio_floor:
        message = N_("The lowest ratio of %(group)s is %(given)s; the paper asks for at least %(asked)s")
        yield _compared(place, message, rule, group, _lowest_ratio(given, terms), rule.ratio_floor)
    if rule.lifts_maximum and terms.cap is not None and not given.cap_lifted:
        yield Finding(place, N_("There may be no maximum payout for %(group)s"), rule.clause, params)


def _departs(given: Any, asked: Any, at_least: bool) -> bool:
    return bool(given < asked) if at_least else bool(given != asked)


def _lowest_ratio(tilt: TiltTerms, terms: BenefitTerms) -> Any:
    lowest = min((band.ratio for band in terms.bands), default=0) + tilt.ratio_points
    return lowest if tilt.ratio_floor is None else max(lowest, tilt.ratio_floor)


def _compared(place: str, message: str, rule: Tilt, group: str, given: Any, asked: Any) -> Finding:
    return Finding(place, message, rule.clause, {"group": group, "given": given, "asked": asked})
