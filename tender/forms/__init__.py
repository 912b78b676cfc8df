"""The tender room's forms, from preparation to scoring."""

from tender.forms.criteria import CriteriaForm
from tender.forms.planning import PlannerForm, TimetableForm
from tender.forms.preparation import (
    BasicsForm,
    CeremonyForm,
    ConditionsForm,
    LotForm,
    NewTenderForm,
    YearForm,
    fields_form,
)

__all__ = [
    "BasicsForm", "CeremonyForm", "ConditionsForm", "CriteriaForm", "LotForm", "NewTenderForm", "PlannerForm",
    "TimetableForm", "YearForm", "fields_form",
]  # fmt: skip
