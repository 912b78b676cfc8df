"""What settlement puts on the desk, and when."""

from collections.abc import Callable
from datetime import date

from sqlmodel import Session

from contracts import services as contract_services
from contracts.rules import PartYear
from core.clock import FixedClock, beijing
from core.db import transaction
from tests.factories import contracts
from tests.support.clients import CheckingClient

Login = Callable[..., CheckingClient]
ANNUAL = "报送年度数据"


def test_the_year_of_a_contract_that_ended_early_is_due_at_its_end(
    session: Session, clock: FixedClock, login: Login
) -> None:
    case = contracts.agreed(session, clock)
    contracts.contracted(session, clock, case)
    clock.move_to(beijing(2017, 6, 20, 9))
    with transaction(session):
        contract_services.terminate(
            session, case.handler, clock, case.agreement_id, "拒不履行即时结算义务", last_day=date(2017, 6, 30),
            part_year=PartYear.DAY,
        )  # fmt: skip
    contracts.decide(session, clock, case.approver)
    for moment, due in ((beijing(2017, 6, 30, 23), False), (beijing(2017, 7, 1, 1), True)):
        clock.move_to(moment)
        insurer = login("insurer_preparer", of=case.insurer)
        assert (ANNUAL in insurer.get("/desk").text) is due, moment


def test_a_whole_year_is_due_after_the_year(session: Session, clock: FixedClock, login: Login) -> None:
    case = contracts.agreed(session, clock)
    contracts.contracted(session, clock, case)
    for moment, due in ((beijing(2017, 12, 31, 23), False), (beijing(2018, 1, 1, 1), True)):
        clock.move_to(moment)
        insurer = login("insurer_preparer", of=case.insurer)
        assert (ANNUAL in insurer.get("/desk").text) is due, moment
