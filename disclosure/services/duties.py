"""Which rule asks for a filing, to whom and until when: the policy pack first, then procurement law (F.2, T18)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from core.calendar import china
from core.identity.models import Organisation, OrganisationKind
from core.policy import PolicyView
from core.policy.procurement import cite, limits
from disclosure.models import FilingKind

#: What a pack's filing rule calls the contents of each kind.
_CONTENTS = {
    FilingKind.TENDER_DOCUMENT: ("招标文件",),
    FilingKind.CONTRACT_TEXT: ("合同文本",),
    FilingKind.CONTRACT_COPY: ("合同副本",),
    FilingKind.POLICY: ("政策", "实施细则"),
    FilingKind.PROGRESS: ("工作进展",),
}
#: The limit of procurement law within which a contract's copy is filed.
_CONTRACT_COPY = "T18"


@dataclass(frozen=True)
class FilingDuty:
    """Where a duty to file stands. due_on: None where the rule only says 及时; addressee: None where it names none."""

    clause: str
    addressee: str | None
    copied_to: tuple[str, ...]
    due_on: date | None
    provisional: bool = False


def filing_duty(session: Session, kind: FilingKind, policy: PolicyView, area: str, arose_on: date) -> FilingDuty | None:
    """The duty to file something that exists since `arose_on`; None where neither pack nor law knows one.

    A contract's copy goes to the finance department of the area; a tender document without a rule of its own goes to
    the joint supervision that the pack orders.
    """
    if kind is not FilingKind.CONTRACT_COPY:
        for rule in policy.filings:
            if any(word in content for word in _CONTENTS[kind] for content in rule.contents):
                return FilingDuty(str(rule.clause), "、".join(rule.to) or None, rule.copied_to, rule.due)
    if kind in (FilingKind.CONTRACT_COPY, FilingKind.CONTRACT_TEXT):
        limit = limits(arose_on)[_CONTRACT_COPY]
        last = china().add(arose_on, limit.number or 0, "workday")
        office = OrganisationKind.FINANCE if kind is FilingKind.CONTRACT_COPY else OrganisationKind.SUPERVISION
        clause = "、".join(cite(article) for article in limit.articles)
        return FilingDuty(clause, _office(session, office, area), (), last.date, last.provisional)
    supervision = next((duty for duty in policy.duties if duty.key == "joint_supervision"), None)
    if kind is FilingKind.TENDER_DOCUMENT and supervision is not None:
        return FilingDuty(str(supervision.clause), _office(session, OrganisationKind.SUPERVISION, area), (), None)
    return None


def _office(session: Session, kind: OrganisationKind, area: str) -> str | None:
    query = select(Organisation.name).where(Organisation.kind == kind, Organisation.area == area)
    return session.exec(query.order_by(col(Organisation.id))).first()
