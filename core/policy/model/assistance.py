"""Medical assistance (医疗救助) after basic and critical-illness payment: classes, deductible, ratio, maximum."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from core.policy.model.base import Clause, Count, Multiple, NamedItem, Rate, Within

#: 1 to 4, the number of a class of assisted persons.
ClassNumber = Annotated[int, Within(Decimal(1), Decimal(9), "a class number")]


@dataclass(frozen=True)
class AssistanceClass:
    """One class of assisted persons.

    deductible_rate: fraction of last year's per-capita disposable income; ratio: None where the paper keeps the
    ratio in force before (`ratio_kept`).
    """

    number: ClassNumber
    people: tuple[NamedItem, ...]
    deductible_rate: Rate
    clause: Clause
    ratio: Rate | None = None
    ratio_kept: bool = False
    enrolment_subsidy: str | None = None


@dataclass(frozen=True)
class HardshipTest:
    """The three tests of illness-driven poverty, all to be met: insured, burden in the last days, means.

    burden_rate is a fraction of `burden_base`, the two multiples are of `income_base` and `assets_base`;
    each limit itself still counts (含).
    """

    applies_to: str
    insured: str
    days: Count
    burden_rate: Rate
    burden_base: str
    income_multiple: Multiple
    income_base: str
    assets_multiple: Multiple
    assets_base: str
    clause: Clause


@dataclass(frozen=True)
class AssistanceRule:
    """How assistance is computed. base: what the deductible rates refer to; several_classes: which one applies."""

    covers: str
    classes: tuple[AssistanceClass, ...]
    base: str
    period: str
    maximum: str
    several_classes: str
    order: tuple[str, ...]
    clause: Clause
    hardship: HardshipTest | None = None
