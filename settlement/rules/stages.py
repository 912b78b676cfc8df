"""Where a contract year stands on its way from figures to the transfer, derived from facts in one place."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class YearStage(StrEnum):
    """The stages of a contract year's settlement, in order."""

    RUNNING = "running"  # the claims of the year still count
    COLLECTING = "collecting"  # figures, claim file or head count are missing
    AWAITING = "awaiting"  # its own are there, something that its rule counts with it is missing
    READY = "ready"  # everything is there: the sheet can be drafted
    WITH_INSURER = "with_insurer"  # drafted, not confirmed
    DISPUTED = "disputed"
    DECISION = "decision"  # needs the departments' decision (J15, regulation J9)
    TO_ISSUE = "to_issue"
    TRANSFER = "transfer"  # issued, the transfer is not recorded
    SETTLED = "settled"


@dataclass(frozen=True)
class YearFacts:
    """The facts the stage follows from; the sheet's facts are those of its newest version.

    inputs_complete: figures confirmed, claim file accepted, head count cleared; awaited: something else is missing that
    the rule counts with it, of other contract years or of this one.
    """

    cutoff: date
    inputs_complete: bool
    awaited: bool = False
    drafted: bool = False
    disputed: bool = False
    confirmed: bool = False
    needs_decision: bool = False
    issued: bool = False
    transfer_open: bool = False


def stage(facts: YearFacts, today: date) -> YearStage:
    """The stage of a contract year on a day."""
    if facts.issued:
        return YearStage.TRANSFER if facts.transfer_open else YearStage.SETTLED
    if facts.drafted:
        if facts.disputed:
            return YearStage.DISPUTED
        if facts.needs_decision:
            return YearStage.DECISION
        return YearStage.TO_ISSUE if facts.confirmed else YearStage.WITH_INSURER
    if today <= facts.cutoff:
        return YearStage.RUNNING
    if not facts.inputs_complete:
        return YearStage.COLLECTING
    return YearStage.AWAITING if facts.awaited else YearStage.READY
