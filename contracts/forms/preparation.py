"""The form that prepares a contract year: prefilled, and held against the policy pack before anything is written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length, Optional

from contracts import labels
from contracts.forms.acts import TargetFields
from contracts.services import BenefitInput, departures
from core.money import ZERO
from core.policy.model import BenefitBand, BenefitTerms, TiltTerms
from core.policy.terms import Finding
from core.web.forms import CountField, DayField, MoneyField, RateField

#: Rows of the table of bands; the papers' own tables have four.
BANDS = 6
#: Benefit terms from 1 January, and those that replace them from a later day of the year.
FIRST, LATER = "first", "later"


class PrepareForm(TargetFields):
    """What the department sets for a contract year; `prepare_form` adds the benefit terms and the assessment."""

    insured_count = CountField(lazy_gettext("Insured"), [InputRequired()], minimum=1)
    headcount_on = DayField(
        lazy_gettext("Day of the head count"), [InputRequired()],
        description=lazy_gettext("The premium finally due follows the insured of this day"),
    )  # fmt: skip
    funding_standard = MoneyField(
        lazy_gettext("Funding standard, yuan a person and year"), [InputRequired()], minimum=Decimal("0.01")
    )
    later_from = DayField(lazy_gettext("From"), [Optional()])
    payment_process = TextAreaField(lazy_gettext("Payment process"), [InputRequired()], render_kw={"rows": 4})
    service_points = TextAreaField(lazy_gettext("Service points"), [InputRequired()], render_kw={"rows": 3})
    telephone = StringField(lazy_gettext("Telephone"), [InputRequired(), Length(max=40)])
    exclusions = TextAreaField(lazy_gettext("Exclusions, one a line"), [InputRequired()], render_kw={"rows": 4})

    groups: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()

    def bind(self, pack: str, year: int) -> None:
        """Which pack and year the terms are held against; before `save`."""
        self._pack, self._year = pack, year

    def validate(self, extra_validators: Any = None) -> bool:
        """Fields one by one, then bands, weights and the paper; every fault stands beside its field."""
        sound = super().validate(extra_validators)
        sound = self._bands_are_whole(FIRST) and sound
        if self.has_later:
            sound = self._later_is_whole() and sound
        if self.dimensions and sum((self[f"weight_{place}"].data or 0 for place in self._places), Decimal(0)) != 1:
            _say(self[f"weight_{len(self.dimensions) - 1}"], gettext("The weights must add up to 100"))
            sound = False
        return sound and self._agrees_with_paper()

    @property
    def has_later(self) -> bool:
        """Whether terms change within the year."""
        return self.later_from.data is not None

    def benefits(self) -> list[BenefitInput]:
        """The benefit terms that were typed, the first from 1 January."""
        parts = [self._part(FIRST, date(self._year, 1, 1))]
        return [*parts, self._part(LATER, self.later_from.data)] if self.has_later else parts

    def service(self, sources: dict[str, str]) -> dict[str, Any]:
        """What the papers print beside the numbers. sources: where each parameter comes from."""
        return {
            "payment_process": (self.payment_process.data or "").strip(),
            "service_points": (self.service_points.data or "").strip(),
            "telephone": (self.telephone.data or "").strip(),
            "exclusions": [line.strip() for line in (self.exclusions.data or "").splitlines() if line.strip()],
            "assessment": [
                {"name": name, "weight": format(self[f"weight_{place}"].data, "f")}
                for place, name in enumerate(self.dimensions)
            ],
            "headcount_on": self.headcount_on.data.isoformat(),
            "sources": sources,
        }

    @property
    def _places(self) -> range:
        return range(len(self.dimensions))

    def _bands(self, part: str) -> Iterator[tuple[Field, Field]]:
        return ((self[f"{part}_above_{row}"], self[f"{part}_ratio_{row}"]) for row in range(BANDS))

    def _bands_are_whole(self, part: str) -> bool:
        """Every row is filled or empty as a whole, the first begins at 0, the limits rise."""
        sound, rows = True, list(self._bands(part))
        for above, ratio in rows:
            if (above.data is None) != (ratio.data is None):
                _say(ratio if ratio.data is None else above, gettext("A band needs its limit and its ratio"))
                sound = False
        filled = [above for above, ratio in rows if above.data is not None and ratio.data is not None]
        if not filled or filled[0].data != 0:
            _say(rows[0][0], gettext("The first band begins at 0"))
            sound = False
        for below, above in pairwise(filled):
            if above.data <= below.data:
                _say(above, gettext("Each band begins above the one before it"))
                sound = False
        return sound

    def _later_is_whole(self) -> bool:
        day = self.later_from.data
        sound = self._bands_are_whole(LATER)
        if day.year != self._year or day == date(self._year, 1, 1):
            _say(self.later_from, gettext("A day of %(year)s after 1 January", year=self._year))
            sound = False
        for name in (f"{LATER}_deductible", *(f"{LATER}_{what}_{key}" for key in self.groups for what in _TILT)):
            if self[name].data is None:
                _say(self[name], gettext("Terms that change need this too"))
                sound = False
        return sound

    def _part(self, part: str, starts: date) -> BenefitInput:
        filled = [(above.data, ratio.data) for above, ratio in self._bands(part) if above.data is not None]
        uppers = [*(above for above, _ in filled[1:]), None]
        bands = (BenefitBand(above, upper, ratio) for (above, ratio), upper in zip(filled, uppers, strict=True))
        terms = BenefitTerms(
            year=self._year,
            deductible=self[f"{part}_deductible"].data,
            bands=tuple(bands),
            cap=self[f"{part}_cap"].data,
            tilts={
                key: TiltTerms(
                    deductible_cut=self[f"{part}_cut_{key}"].data,
                    ratio_points=self[f"{part}_points_{key}"].data,
                    cap_lifted=self[f"{part}_lifted_{key}"].data,
                )
                for key in self.groups
            },
            in_force_from=starts,
        )
        return BenefitInput(terms, starts)

    def _agrees_with_paper(self) -> bool:
        found = [
            (part, finding)
            for part, entry in zip((FIRST, LATER), self.benefits(), strict=False)
            for finding in departures(self._pack, entry)
        ]
        for part, finding in found:
            field = self._field_of(part, finding)
            _say(field, labels.finding(finding))
            field.clause = finding.clause
        return not found

    def _field_of(self, part: str, finding: Finding) -> Field:
        """The field that a departure from the paper is about."""
        place, _, key = finding.place.partition(".")
        if place == "tilts":
            asks_cut = "deductible" in finding.message
            return self[f"{part}_{'cut' if asks_cut else 'lifted' if 'maximum' in finding.message else 'points'}_{key}"]
        if place == "cap":
            return self[f"{part}_cap"]
        ratios = [ratio for _, ratio in self._bands(part) if ratio.data is not None]
        highest = finding.params.get("highest")
        return next((ratio for ratio in ratios if highest is not None and ratio.data > highest), ratios[0])


#: What a tilt consists of, as field names have it.
_TILT = ("cut", "points")


def _say(field: Field, message: str) -> None:
    field.errors = [*field.errors, message]


def benefit_fields(part: str, groups: Iterable[str], *, needed: bool) -> dict[str, Field]:
    """The fields of one set of benefit terms; needed: whether they must be filled."""
    must = [InputRequired()] if needed else [Optional()]
    fields: dict[str, Any] = {
        f"{part}_deductible": MoneyField(lazy_gettext("Deductible"), must, minimum=ZERO),
        f"{part}_cap": MoneyField(lazy_gettext("Maximum payout of a year"), [Optional()], minimum=ZERO),
    }
    for row in range(BANDS):
        number = row + 1
        above, ratio = gettext("Band %(number)s above", number=number), gettext("Band %(number)s pays", number=number)
        fields[f"{part}_above_{row}"] = MoneyField(above, [Optional()], minimum=ZERO)
        fields[f"{part}_ratio_{row}"] = RateField(ratio, [Optional()], minimum=ZERO, maximum=Decimal(1))
    for key in groups:
        name = str(labels.group(key))
        rates = {"minimum": ZERO, "maximum": Decimal(1)}
        fields[f"{part}_cut_{key}"] = RateField(gettext("%(group)s: deductible less", group=name), must, **rates)
        fields[f"{part}_points_{key}"] = RateField(gettext("%(group)s: each ratio plus", group=name), must, **rates)
        fields[f"{part}_lifted_{key}"] = BooleanField(gettext("%(group)s: no maximum", group=name))
    return fields


@dataclass(frozen=True)
class Proposal:
    """What a fresh form is filled with. benefits: terms to begin from, None where only the tilts are known."""

    values: dict[str, Any]
    benefits: BenefitTerms | None
    tilts: dict[str, TiltTerms]
    weights: dict[str, Decimal]

    def data(self) -> dict[str, Any]:
        """The values by field name."""
        found = dict(self.values)
        if self.benefits is not None:
            found[f"{FIRST}_deductible"], found[f"{FIRST}_cap"] = self.benefits.deductible, self.benefits.cap
            for row, band in enumerate(self.benefits.bands[:BANDS]):
                found[f"{FIRST}_above_{row}"], found[f"{FIRST}_ratio_{row}"] = band.lower, band.ratio
        else:
            found[f"{FIRST}_above_0"] = ZERO
        for part in (FIRST, LATER):
            for key, tilt in self.tilts.items():
                found[f"{part}_cut_{key}"], found[f"{part}_points_{key}"] = tilt.deductible_cut, tilt.ratio_points
                found[f"{part}_lifted_{key}"] = tilt.cap_lifted
        for place, weight in enumerate(self.weights.values()):
            found[f"weight_{place}"] = weight
        return found


def prepare_form(dimensions: tuple[str, ...], proposal: Proposal) -> PrepareForm:
    """The form of a contract year under a paper: the tilt groups and assessment dimensions are the paper's."""
    groups = tuple(proposal.tilts)
    fields: dict[str, Any] = {
        **benefit_fields(FIRST, groups, needed=True),
        **benefit_fields(LATER, groups, needed=False),
        **{
            f"weight_{place}": RateField(gettext("Weight: %(name)s", name=name), [InputRequired()], minimum=ZERO)
            for place, name in enumerate(dimensions)
        },
        "groups": groups,
        "dimensions": dimensions,
    }
    form: PrepareForm = type("PrepareForm", (PrepareForm,), fields)(data=proposal.data())
    return form
