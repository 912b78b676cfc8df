"""The contract room's forms: preparing a contract year, premium and head count, assessment, accounts, early end."""

from contracts.forms.acts import (
    AccountsForm,
    AmendmentForm,
    AssessmentForm,
    BridgeForm,
    HeadCountForm,
    PaymentForm,
    TerminationForm,
    assessment_form,
)
from contracts.forms.preparation import PrepareForm, prepare_form
from contracts.forms.securities import HandoverForm, SecurityForm, SecurityReturnForm

__all__ = [
    "AccountsForm", "AmendmentForm", "AssessmentForm", "BridgeForm", "HandoverForm", "HeadCountForm", "PaymentForm",
    "PrepareForm", "SecurityForm", "SecurityReturnForm", "TerminationForm", "assessment_form", "prepare_form",
]  # fmt: skip
