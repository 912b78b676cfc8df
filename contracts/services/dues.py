"""What a contract year finally owes and is measured against: premium and agreed cost, for the part it covered."""

from datetime import date
from decimal import Decimal

from contracts.models import AnnualContract, ContractAmendment
from contracts.rules import Cover, PartYear, TargetPart, agreed_cost, cover, part_premium
from core.policy import view
from core.policy.model import SharingRule


def premium_due(contract: AnnualContract) -> Decimal:
    """Premium finally due in yuan: by the cleared head count (the contract's until then), for the part-year covered."""
    count = contract.cleared_count or contract.insured_count
    return part_premium(count, contract.funding_standard, cover_of(contract))


def cover_of(contract: AnnualContract) -> Cover | None:
    """The part of its year that a contract covered where it ended early; None for a whole year."""
    return _cover(contract, contract.covered_until)


def _cover(contract: AnnualContract, until: date | None) -> Cover | None:
    return cover(contract.year, until, PartYear(contract.part_year or PartYear.DAY.value)) if until else None


def in_force(contract: AnnualContract) -> bool:
    """Whether the contract ever covered anybody: one that was ended before its year began did not."""
    return contract.terminated_at is None or contract.covered_until is not None


def measured_against_cost(pack: str, year: int) -> SharingRule | None:
    """The paper's sharing rule at the end of a year, if each annual contract has to name the cost it is measured
    against; None where it has not."""
    rule = view(pack, date(year, 12, 31)).sharing
    return rule if rule is not None and rule.needs_agreed_cost else None


def agreed_for(contract: AnnualContract, amendment: ContractAmendment | None) -> tuple[Decimal | None, Cover | None]:
    """The amount agreed in yuan, by the amendment where there is one, and the part of the year it was agreed for."""
    named = amendment or contract
    return named.target_cost, _cover(contract, named.target_until)


def target_due(contract: AnnualContract, amendment: ContractAmendment | None) -> Decimal | None:
    """The agreed cost of what was covered, in yuan; None where none is named, or it is to be agreed anew."""
    amount, agreed = agreed_for(contract, amendment)
    if amount is None:
        return None
    how = TargetPart(contract.target_part or TargetPart.AMENDMENT.value)
    return agreed_cost(amount, agreed, cover_of(contract), how)
