"""The words the room's pages use for its stages, accounts and groups, in the reader's language."""

from datetime import datetime
from typing import Any

from flask_babel import gettext, lazy_gettext

from contracts.models import AccountKind, AnnualContract, ServiceAgreement
from contracts.rules import (
    AgreementFacts,
    AgreementStage,
    BridgeGround,
    ContractFacts,
    ContractStage,
    LastDay,
    TargetPart,
    agreement_stage,
    contract_stage,
)
from core.policy.terms import Finding
from core.web import Chip
from core.web.filters import named, percent
from core.web.policy.limits import rule as limit_rule
from tender.models import PerformanceSecurity, Scheme, SecurityForm
from tender.views.labels import CLAIMS_BASES, RATE_DEFINITIONS, READINGS, SCHEMES

__all__ = ["CLAIMS_BASES", "RATE_DEFINITIONS", "READINGS", "SCHEMES", "TargetPart", "named"]

AGREEMENT_STAGES = {
    AgreementStage.DRAFT: Chip("wait", lazy_gettext("Insurer to sign")),
    AgreementStage.INSURER_SIGNED: Chip("wait", lazy_gettext("Agency to sign")),
    AgreementStage.SIGNED: Chip("frozen", lazy_gettext("Signed, not begun")),
    AgreementStage.IN_FORCE: Chip("run", lazy_gettext("In force")),
    AgreementStage.ENDED: Chip("ok", lazy_gettext("Term over")),
    AgreementStage.TERMINATED: Chip("stop", lazy_gettext("Terminated")),
}
CONTRACT_STAGES = {
    ContractStage.DRAFT: Chip("wait", lazy_gettext("Insurer to sign")),
    ContractStage.INSURER_SIGNED: Chip("wait", lazy_gettext("Agency to sign")),
    ContractStage.SIGNED: Chip("frozen", lazy_gettext("Signed, not begun")),
    ContractStage.IN_FORCE: Chip("run", lazy_gettext("In force")),
    ContractStage.RUN_OFF: Chip("run", lazy_gettext("Year over, claims run off")),
    ContractStage.CLOSED: Chip("ok", lazy_gettext("Claims closed")),
    ContractStage.TERMINATED: Chip("stop", lazy_gettext("Terminated")),
}
BRIDGE_GROUNDS = {
    BridgeGround.TENDER_FAILED: lazy_gettext("No insurer resulted from the tender"),
    BridgeGround.DECISION_PENDING: lazy_gettext("The government's decision is pending"),
    BridgeGround.RESULT_PENDING: lazy_gettext("The tender has no result yet"),
}
#: What an end within the year does to the agreed cost.
TARGET_PARTS = {
    TargetPart.SHARE: lazy_gettext("As much of it as of the premium, by the days or months covered"),
    TargetPart.AMENDMENT: lazy_gettext("Agreed anew by an amendment; nothing is settled before"),
}
ACCOUNTS = {
    AccountKind.PREMIUM: lazy_gettext("Premium-income account"),
    AccountKind.CLAIMS: lazy_gettext("Claims-payout account"),
}
#: In which form a performance security may be given; turned from a bid security it comes from the award.
SECURITY_FORMS = {
    SecurityForm.TRANSFER: lazy_gettext("Bank transfer"),
    SecurityForm.CHEQUE: lazy_gettext("Cheque"),
    SecurityForm.DRAFT: lazy_gettext("Bill of exchange"),
    SecurityForm.NOTE: lazy_gettext("Promissory note"),
    SecurityForm.BANK_GUARANTEE: lazy_gettext("Guarantee of a financial institution"),
    SecurityForm.GUARANTEE: lazy_gettext("Guarantee of a guarantee institution"),
}
#: Groups of the packs' tilts, by their key.
GROUPS = {
    "registered_poor": lazy_gettext("Registered poor"),
    "destitute": lazy_gettext("Destitute"),
    "low_income": lazy_gettext("Minimum-living allowance"),
    "returned_poor": lazy_gettext("Returned to poverty"),
}
#: Entries of the audit log that are shown as what was done, in words.
WORDS = {
    "contracts:agreement:draft": lazy_gettext("Drafted the agreement"),
    "contracts:agreement:sign": lazy_gettext("Signed the agreement"),
    "contracts:agreement:terminate": lazy_gettext("Ended the agreement early"),
    "contracts:accounts:open": lazy_gettext("Recorded the two dedicated accounts"),
    "contracts:security:record": lazy_gettext("Recorded the performance security"),
    "contracts:handover:record": lazy_gettext("Recorded the handover"),
    "contracts:security:return": lazy_gettext("Returned the performance security"),
    "contracts:bridge:prepare": lazy_gettext("Prepared the bridge contract"),
    "contracts:amendment:prepare": lazy_gettext("Prepared an amendment"),
    "contracts:amendment:discard": lazy_gettext("Discarded the draft of an amendment"),
    "contracts:amendment:sign": lazy_gettext("Signed an amendment"),
    "contracts:contract:prepare": lazy_gettext("Prepared the contract"),
    "contracts:contract:sign": lazy_gettext("Signed the contract"),
    "contracts:contract:terminate": lazy_gettext("Ended the contract early"),
    "contracts:notice:publish": lazy_gettext("Published the contract notice"),
    "contracts:premium:record": lazy_gettext("Recorded premium received"),
    "contracts:count:clear": lazy_gettext("Cleared the head count"),
    "contracts:assessment:record": lazy_gettext("Recorded an assessment"),
}


def agreement_standing(agreement: ServiceAgreement, now: datetime) -> AgreementStage:
    """Where an agreement stands at an instant."""
    names = AgreementFacts.__dataclass_fields__
    return agreement_stage(AgreementFacts(**{name: getattr(agreement, name) for name in names}), now)


def contract_standing(contract: AnnualContract, now: datetime) -> ContractStage:
    """Where an annual contract stands at an instant."""
    names = ContractFacts.__dataclass_fields__
    return contract_stage(ContractFacts(**{name: getattr(contract, name) for name in names}), now)


def bridge_ground(contract: AnnualContract) -> Any:
    """Why a bridge contract was made, in words."""
    return BRIDGE_GROUNDS[BridgeGround(contract.bridge_ground)]


def scheme(value: Scheme) -> Any:
    """The scheme in words."""
    return SCHEMES[value]


def security_form(row: PerformanceSecurity) -> Any:
    """In which form a performance security was given, in words."""
    return SECURITY_FORMS.get(row.form) or gettext("Turned from the bid security")


def group(key: str) -> Any:
    """A tilt group in words; one that only a department's own pack knows is shown by its key."""
    return GROUPS.get(key, key)


def rule(limit: LastDay) -> str:
    """The time limit in one sentence of the law's own language."""
    return limit_rule(limit.limit)


def finding(found: Finding) -> str:
    """Where terms depart from the paper, in the reader's language; rates in per cent, groups in words."""
    amounts = ("lower", "upper")
    shown = {
        key: value if key in amounts else group(value) if key == "group" else percent(value)
        for key, value in found.params.items()
    }
    return gettext(found.message, **shown)
