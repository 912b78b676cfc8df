"""The verbs of the contract side; each takes session, actor and clock and runs inside the caller's transaction."""

from contracts.services.agreements import draft_agreements, request_agency_signature, sign_agreement, terminate
from contracts.services.amending import (
    discard_amendment,
    prepare_amendment,
    request_amendment_signature,
    sign_amendment,
)
from contracts.services.annual import (
    AgreedCost,
    BenefitInput,
    departures,
    discard_draft,
    prepare_contract,
    publish_contract_notice,
    request_contract_notice,
    request_contract_signature,
    sign_contract,
)
from contracts.services.archiving import contract_papers
from contracts.services.assessment import assess
from contracts.services.bridging import prepare_bridge
from contracts.services.premiums import clear_head_count, open_accounts, record_payment
from contracts.services.securities import record_handover, record_security, return_security

__all__ = [
    "AgreedCost", "BenefitInput", "assess", "clear_head_count", "contract_papers", "departures",
    "discard_amendment", "discard_draft", "draft_agreements", "open_accounts", "prepare_amendment",
    "prepare_bridge", "prepare_contract", "publish_contract_notice", "record_handover", "record_payment",
    "record_security", "request_agency_signature", "request_amendment_signature", "request_contract_notice",
    "request_contract_signature", "return_security", "sign_agreement", "sign_amendment", "sign_contract", "terminate",
]  # fmt: skip
