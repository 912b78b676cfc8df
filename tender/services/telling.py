"""Telling those who took the documents what changed, each by itself; who they are stays secret (87号令第28条)."""

from datetime import datetime

from sqlmodel import Session, col, select

from core import messages
from core.errors import N_
from tender.models import DocumentTaker, Tender
from tender.services.stage import cite

#: What takers are told, by occasion.
CORRECTED = N_(
    "Tender %(tender)s was corrected: read the corrigendum and confirm it; a bid that is submitted stays, and where "
    "its lot changed it is to be reconfirmed or replaced"
)
EXTENDED = N_("Tender %(tender)s: the period in which the documents are provided was extended")
ANSWERED = N_("Tender %(tender)s: answer No. %(number)s to a question is published")
CANCELLED = N_("Tender %(tender)s was cancelled; no bid will be opened")


def tell_takers(
    session: Session, now: datetime, tender: Tender, subject: str, *, anchor: str, matter: str = "clarification",
    key: str, **params: str | int,
) -> None:  # fmt: skip
    """Send a message to the people of every taker; the same occasion (`key`) is told once.

    A message says nothing about others: how many were told stands nowhere, not in the audit log either.
    """
    takers = select(DocumentTaker.organisation_id).where(DocumentTaker.tender_id == tender.id)
    for organisation in session.exec(takers.order_by(col(DocumentTaker.organisation_id))).all():
        messages.send(
            session, now, to=messages.People(organisation, "tender:take_documents"), subject=subject,
            link=f"/tenders/opportunities/{tender.id}#{anchor}", clause=cite(tender, matter),
            key=f"tender:{tender.id}:{key}", tender=tender.number, **params,
        )  # fmt: skip
