"""Plays the demonstration from founding to public report and says each step; for `make demo` and `make run`."""

from collections.abc import Callable
from datetime import datetime

from core.clock import FixedClock, beijing
from core.documents.workers import use_cache
from core.house import House
from demonstration.jilin.contracts import sign_agreements
from demonstration.jilin.disclosures import disclose_and_file
from demonstration.jilin.tender import play_tender
from demonstration.jilin.years import play_years
from demonstration.people import found
from demonstration.stage import Stage

#: When the curtain rises.
OPENING = beijing(2016, 8, 1, 9)


def play(house: House, say: Callable[[str], None]) -> datetime:
    """Play the whole Jilin case on an empty house; returns the instant at which the play ends.

    The house must carry a FixedClock that stands at OPENING.
    """
    clock = house.clock
    if not isinstance(clock, FixedClock):
        raise TypeError("a demonstration moves its own clock")
    use_cache(None)
    stage = Stage(house, clock, found(house.db.session, clock), say)
    stage.step("演示省的部门、保险公司、评审专家和账号就位（均为虚构）")
    tender_id = play_tender(stage)
    deals = sign_agreements(stage, tender_id)
    play_years(stage, deals)
    disclose_and_file(stage)
    return clock.now()
