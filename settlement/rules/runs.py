"""Where a whole-area run stands, derived from its facts in one place."""

from dataclasses import dataclass
from enum import StrEnum


class RunStage(StrEnum):
    """The stages of a run."""

    APPROVAL = "approval"  # waits for a second person
    TURNED_DOWN = "turned_down"  # the second person refused, or the request was withdrawn
    WORKING = "working"
    FINISHED = "finished"


@dataclass(frozen=True)
class RunFacts:
    """The facts the stage follows from."""

    needs_approval: bool
    approved: bool
    turned_down: bool
    finished: bool


def stage(facts: RunFacts) -> RunStage:
    """The stage of a run."""
    if facts.finished:
        return RunStage.FINISHED
    if facts.needs_approval and not facts.approved:
        return RunStage.TURNED_DOWN if facts.turned_down else RunStage.APPROVAL
    return RunStage.WORKING
