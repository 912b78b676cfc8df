"""A contract year with everything a public paper names about it: agreement, parties, tender, terms, rule."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts.models import AnnualContract, ServiceAgreement
from contracts.papers import SCHEME_NAMES, contract_title
from contracts.services.annual import benefit_terms
from core.clock import local_date
from core.documents.show import cn_number
from core.errors import N_, NotFound
from core.identity.models import Organisation
from core.policy import PolicyView, view
from core.policy.model import BenefitTerms
from settlement.services.funds import fund_of
from tender.models import Award, Lot, Tender

#: A way of settlement in the payment process of a contract, by the words that give it away.
_WAYS = (
    (re.compile("跨省|异地"), "异地直接结算"),
    (re.compile("申请|手工|窗口"), "手工申请"),
    (re.compile("出院|一站式|即时"), "就医结算"),
)


@dataclass(frozen=True)
class Subject:
    """One contract year as public papers name it."""

    contract: AnnualContract
    agreement: ServiceAgreement
    agency: Organisation
    insurer: Organisation
    tender: Tender
    lot: Lot
    award: Award
    terms: tuple[BenefitTerms, ...]
    policy: PolicyView

    @property
    def title(self) -> str:
        """'演示省城镇居民大病保险'."""
        return contract_title(self.agreement, self.agency)

    @property
    def scheme(self) -> str:
        """险种 as the papers name it."""
        return SCHEME_NAMES[self.agreement.scheme]

    @property
    def year_of_term(self) -> int:
        """Which year of the agreement this contract is: 1, 2, 3."""
        return self.contract.year - self.agreement.term_from.year + 1

    @property
    def signed_on(self) -> date:
        """The day the agency signed the contract, which completes it."""
        return local_date(self.contract.agency_signed_at)  # type: ignore[arg-type]

    def facts(self) -> list[list[str]]:
        """The facts on the cover of both disclosures, besides number and version."""
        contract, agreement = self.contract, self.agreement
        years = agreement.term_until.year - agreement.term_from.year + 1
        term = f"{cn_number(years)}年期，第{self.year_of_term}年"
        return [
            ["统筹地区", f"第{self.lot.position}包：{agreement.area}"],
            ["保险年度", f"{contract.year}年1月1日至12月31日"],
            ["投保人", self.agency.name],
            ["委托协议", f"{agreement.number}（{term}）"],
            ["年度合同", contract.number],
        ]

    def process(self) -> list[dict[str, str]]:
        """How a patient is paid: the contract's own words, one step for each way of settlement."""
        steps = []
        for text in re.split("[；;。]", self.contract.service["payment_process"]):
            if text.strip():
                name = next((name for words, name in _WAYS if words.search(text)), "支付流程")
                steps.append({"name": name, "text": f"{text.strip()}。"})
        return steps

    def contacts(self) -> list[dict[str, str]]:
        """Telephones printed beside the verification code."""
        return [
            {"name": "监督电话", "number": self.tender.contact_telephone},
            {"name": "承办机构服务电话", "number": self.contract.service["telephone"]},
        ]


def subject(session: Session, contract_id: int) -> Subject:
    """Everything about a contract year. Raises NotFound."""
    contract = session.get(AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    award = cast(Award, session.get(Award, agreement.award_id))
    return Subject(
        contract=contract,
        agreement=agreement,
        agency=session.get_one(Organisation, agreement.policyholder_id),
        insurer=session.get_one(Organisation, agreement.insurer_id),
        tender=session.get_one(Tender, award.tender_id),
        lot=session.get_one(Lot, award.lot_id),
        award=award,
        terms=tuple(benefit_terms(session, contract)),
        policy=view(contract.pack, date(contract.year, 1, 1)),
    )


def payer(session: Session, contract: AnnualContract, on: date) -> str:
    """The fund that paid the premium, under the name it had then, and where it went if it was merged by a day (Q5)."""
    present = fund_of(session, contract, on)
    return contract.fund if present == contract.fund else f"{contract.fund}（现已并入{present}）"


def contracts_of(session: Session, tender_id: int) -> list[AnnualContract]:
    """The signed annual contracts that came out of a tender, by year and number."""
    query = (
        select(AnnualContract)
        .join(ServiceAgreement, col(ServiceAgreement.id) == col(AnnualContract.agreement_id))
        .join(Award, col(Award.id) == col(ServiceAgreement.award_id))
        .where(Award.tender_id == tender_id, col(AnnualContract.agency_signed_at).is_not(None))
        .order_by(col(AnnualContract.year), col(AnnualContract.number))
    )
    return list(session.exec(query))


#: Terms that both disclosures explain.
GLOSSARY: list[dict[str, Any]] = [
    {"term": "起付标准", "meaning": "个人负担的合规医疗费用累计达到该数额后，大病保险开始支付。"},
    {"term": "合规医疗费用", "meaning": "符合国家和本省规定、可纳入大病保险支付范围的医疗费用。"},
]
