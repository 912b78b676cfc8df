"""Finance takes the performance securities before signing and pays the bid securities back within their limits."""

from datetime import datetime
from typing import cast

import contracts.services as contracts
import tender.services as tenders
from contracts.models import ServiceAgreement
from contracts.services.securities import security_standing
from demonstration.stage import Stage
from tender.models import SecurityForm
from tender.services.securities import limit_of, securities_to_refund
from tender.services.stage import locked_tender


def give(stage: Stage, agreement_id: int, number: int, moment: datetime) -> None:
    """Finance records the guarantee of a bank for the whole performance security, valid a year beyond the term."""
    with stage.at(moment) as session:
        agreement = session.get_one(ServiceAgreement, agreement_id)
        contracts.record_security(
            session, stage.cast["finance"], stage.clock, agreement_id,
            amount=security_standing(session, agreement, moment.date()).open, form=SecurityForm.BANK_GUARANTEE,
            paid_on=moment.date(), reference=f"YSBH-2016-{number:02d}",
            valid_until=agreement.term_until.replace(year=agreement.term_until.year + 1),
        )  # fmt: skip


def pay_back(stage: Stage, tender_id: int, moment: datetime) -> None:
    """Record the return of every security whose limit runs by now (T14, T16)."""
    with stage.at(moment) as session:
        tender = locked_tender(session, tender_id)
        held = [bid for bid, _row in securities_to_refund(session, tender)]
        running = [bid for bid in held if limit_of(session, tender, bid).last_day is not None]
        for bid in running:
            tenders.refund_security(session, stage.cast["finance"], stage.clock, cast(int, bid.id))
    stage.step(f"财政部门登记退还投标保证金 {len(running)} 笔")
