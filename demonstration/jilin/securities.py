"""Finance pays the bid securities back within their limits: losers' after the award letters, winners' after signing."""

from datetime import datetime
from typing import cast

import tender.services as tenders
from demonstration.stage import Stage
from tender.services.securities import limit_of, securities_to_refund
from tender.services.stage import locked_tender


def pay_back(stage: Stage, tender_id: int, moment: datetime) -> None:
    """Record the return of every security whose limit runs by now (T14, T16)."""
    with stage.at(moment) as session:
        tender = locked_tender(session, tender_id)
        held = [bid for bid, _row in securities_to_refund(session, tender)]
        running = [bid for bid in held if limit_of(session, tender, bid).last_day is not None]
        for bid in running:
            tenders.refund_security(session, stage.cast["finance"], stage.clock, cast(int, bid.id))
    stage.step(f"财政部门登记退还投标保证金 {len(running)} 笔")
