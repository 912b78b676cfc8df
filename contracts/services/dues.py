"""What premium a contract year finally owes: by the cleared head count, for the part of the year it covered."""

from decimal import Decimal

from contracts.models import AnnualContract
from contracts.rules import Cover, PartYear, cover, part_premium


def premium_due(contract: AnnualContract) -> Decimal:
    """Premium finally due in yuan: by the cleared head count (the contract's until then), for the part-year covered."""
    count = contract.cleared_count or contract.insured_count
    return part_premium(count, contract.funding_standard, cover_of(contract))


def cover_of(contract: AnnualContract) -> Cover | None:
    """The part of its year that a contract covered where it ended early; None for a whole year."""
    if contract.covered_until is None:
        return None
    return cover(contract.year, contract.covered_until, PartYear(contract.part_year or PartYear.DAY.value))


def in_force(contract: AnnualContract) -> bool:
    """Whether the contract ever covered anybody: one that was ended before its year began did not."""
    return contract.terminated_at is None or contract.covered_until is not None
