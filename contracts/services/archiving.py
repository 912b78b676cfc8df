"""What the contract side adds to the archive of a tender: agreements and contracts, notices, and what was assessed."""

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, ServiceAgreement
from core.documents.models import IssuedDocument
from core.documents.services import papers_about
from tender.models import Award, Tender
from tender.services.archiving import CONTRIBUTORS

#: Every kind of paper but this is the text of a contract or its notice.
ACCEPTANCE = ("assessment_report", "assessment")


def contract_papers(session: Session, tender: Tender) -> list[tuple[str, IssuedDocument]]:
    """The papers of every agreement of the tender and its annual contracts, with the folder each belongs in."""
    agreements = session.exec(
        select(ServiceAgreement)
        .join(Award, col(Award.id) == ServiceAgreement.award_id)
        .where(Award.tender_id == tender.id)
        .order_by(col(ServiceAgreement.id))
    ).all()
    numbers = [row.id for row in agreements]
    years = session.exec(
        select(AnnualContract).where(col(AnnualContract.agreement_id).in_(numbers)).order_by(col(AnnualContract.id))
    ).all()
    found = [paper for row in (*agreements, *years) for paper in papers_about(session, row)]
    return [("09-acceptance" if paper.kind in ACCEPTANCE else "08-contract", paper) for paper in found]


if contract_papers not in CONTRIBUTORS:
    CONTRIBUTORS.append(contract_papers)
