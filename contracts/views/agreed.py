"""What the pages of a contract year show of its agreed cost: what applies, and the amendments with their signatures."""

from datetime import date
from typing import Any

from contracts.models import AnnualContract
from contracts.services.amending import amended_by, amendments_of, why_not_amended
from contracts.services.dues import measured_against_cost, target_due
from contracts.views import access
from core.web import session


def target_of(contract: AnnualContract) -> dict[str, Any] | None:
    """What the contract's page shows of its agreed cost; None where the paper's rule is measured against none.

    due: of the part of the year that is covered, in yuan; None where it is still to be agreed.
    """
    rule = measured_against_cost(contract.pack, contract.year)
    if rule is None:
        return None
    amendments = amendments_of(session(), contract)
    counting = amended_by(session(), contract)
    return {
        "clause": rule.clause,
        "amendments": amendments,
        "counting": counting,
        "open": next((one for one in amendments if one.agency_signed_at is None), None),
        "due": target_due(contract, counting),
        "year_end": date(contract.year, 12, 31),
        "signing": access.keys_of("contracts.amendment.sign", contract),
        "may_amend": why_not_amended(session(), contract) is None,
    }
