"""When ciphertexts that count for nothing may be destroyed: once nobody can object to the result any more.

Design seal/v1, point 8: older ciphertexts are never opened and are destroyed after the objection period, hashes stay.
The paper does not say how long that period is. Its parts are in the statutes (T20, T21, T22); what they leave open is
the time a letter that was posted in time needs to arrive, and that is the house's own number `ON_THE_WAY`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from core.calendar import WorkingCalendar
from core.policy.procurement import TimeLimit
from tender.rules.remedies import last_day
from tender.rules.words import ComplaintOutcome, QueryOutcome

#: Working days that the house waits after the last day of each period, for letters posted in time (94 art. 42) and for
#: the copy of a complaint, which the finance department sends within eight (94 art. 21). House parameter since SINCE.
ON_THE_WAY = 8
SINCE = date(2026, 11, 29)
CLAUSES = "政府采购法第52条、第55条；94号令第10条、第17条、第21条、第42条"


@dataclass(frozen=True)
class OpenQuery:
    """What of a query holds a destruction up. received_on: from it run reply (T21) and complaint (T22)."""

    received_on: date
    outcome: QueryOutcome | None
    carried_out: bool


@dataclass(frozen=True)
class OpenComplaint:
    """What of a complaint holds a destruction up."""

    outcome: ComplaintOutcome | None
    carried_out: bool


class Reason(Enum):
    """Why a destruction waits without a day: something is still to be answered or carried out."""

    NO_RESULT = "no_result"
    QUERY = "query"
    COMPLAINT = "complaint"


@dataclass(frozen=True)
class Objections:
    """Until which day somebody may still object to the result, the day itself included; or why no day is known yet."""

    until: date | None
    waits_for: Reason | None = None

    def over(self, today: date) -> bool:
        """Whether the period has run out: today is after its last day and nothing is pending."""
        return self.waits_for is None and self.until is not None and today > self.until


def objections(
    noticed_until: Sequence[date], queries: Sequence[OpenQuery], complaints: Sequence[OpenComplaint],
    limits: Mapping[str, TimeLimit], calendar: WorkingCalendar,
) -> Objections:  # fmt: skip
    """The objection period of a result.

    noticed_until: the last days of publication of every notice of the result (award, change of the result, failure,
    cancellation); a query may come until T20 after the latest. After a query a complaint may come until T22 after the
    last day of its reply. To each `ON_THE_WAY` working days are added.
    """
    if not noticed_until:
        return Objections(None, Reason.NO_RESULT)
    if any(row.outcome is None or (row.outcome is QueryOutcome.AFFECTS and not row.carried_out) for row in queries):
        return Objections(None, Reason.QUERY)
    if any(row.outcome is None or (row.outcome is ComplaintOutcome.FOUNDED and not row.carried_out)
           for row in complaints):  # fmt: skip
        return Objections(None, Reason.COMPLAINT)
    ends = [last_day("T20", max(noticed_until), limits, calendar)]
    for row in queries:
        ends.append(last_day("T22", last_day("T21", row.received_on, limits, calendar), limits, calendar))
    return Objections(calendar.add(max(ends), ON_THE_WAY, "workday").date)
