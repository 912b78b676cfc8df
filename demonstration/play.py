"""Plays the demonstration from founding to public report and says each step; for `make demo` and `make run`."""

from collections.abc import Callable
from datetime import datetime

from core.clock import FixedClock, beijing
from core.documents import check_machine
from core.house import House
from demonstration.jilin.contracts import sign_agreements
from demonstration.jilin.next_tender import open_next_tender
from demonstration.jilin.registers import keep_registers
from demonstration.jilin.tender import play_tender
from demonstration.jilin.years import play_years
from demonstration.people import found
from demonstration.stage import Stage

#: When the curtain rises.
OPENING = beijing(2016, 8, 1, 9)


def play(house: House, say: Callable[[str], None], *, leave_work: bool = False) -> datetime:
    """Play the whole Jilin case on an empty house; returns the instant at which the play ends.

    The house must carry a FixedClock that stands at OPENING. leave_work: end with something for visitors to do:
    a transfer and disclosures still due, the next tender open for bids.
    """
    clock = house.clock
    if not isinstance(clock, FixedClock):
        raise TypeError("a demonstration moves its own clock")
    check_machine()
    stage = Stage(house, clock, found(house.db.session, clock), say)
    stage.step("演示省的部门、保险公司、评审专家和账号就位（均为虚构）")
    keep_registers(stage)
    tender_id = play_tender(stage)
    deals = sign_agreements(stage, tender_id)
    play_years(stage, deals, leave_work=leave_work)
    if leave_work:
        open_next_tender(stage)
    return clock.now()
