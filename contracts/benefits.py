"""Benefit terms between their row in the database and the frozen form that rules and papers use (J4, J6, J7)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from contracts.models import BenefitTermsRow
from core.policy.model import BenefitBand, BenefitTerms, TiltTerms

if TYPE_CHECKING:
    from contracts.services.annual import BenefitInput


def as_rows(contract_id: int, benefits: "Sequence[BenefitInput]") -> list[BenefitTermsRow]:
    """Rows for a contract's benefit terms, one for each day from which they change."""
    return [
        BenefitTermsRow(
            contract_id=contract_id,
            in_force_from=part.in_force_from,
            deductible=part.terms.deductible,
            bands=[
                {
                    "lower": str(band.lower),
                    "upper": None if band.upper is None else str(band.upper),
                    "ratio": str(band.ratio),
                }
                for band in part.terms.bands
            ],
            maximum=part.terms.cap,
            tilt={
                group: {
                    "deductible_cut": str(tilt.deductible_cut),
                    "ratio_points": str(tilt.ratio_points),
                    "maximum_lifted": tilt.cap_lifted,
                }
                for group, tilt in part.terms.tilts.items()
            },
        )
        for part in benefits
    ]


def terms_of(row: BenefitTermsRow, year: int, clause: str) -> BenefitTerms:
    """The frozen benefit terms of a row; clause: where they are laid down, for explanations."""
    return BenefitTerms(
        year=year,
        deductible=row.deductible,
        bands=tuple(
            BenefitBand(
                Decimal(band["lower"]),
                None if band["upper"] is None else Decimal(band["upper"]),
                Decimal(band["ratio"]),
            )
            for band in row.bands
        ),
        cap=row.maximum,
        tilts={
            group: TiltTerms(
                deductible_cut=Decimal(tilt["deductible_cut"]),
                ratio_points=Decimal(tilt["ratio_points"]),
                cap_lifted=tilt["maximum_lifted"],
            )
            for group, tilt in row.tilt.items()
        },
        in_force_from=row.in_force_from,
        clause=clause,
    )
