"""What every rule is made of: the clause it comes from, the house's own choices, and numbers with their bounds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated


@dataclass(frozen=True)
class Within:
    """Bounds a number must keep when it is read from a file; `least` and `most` are allowed themselves."""

    least: Decimal
    most: Decimal | None
    means: str


#: A fraction: 0.03 is 3 %.
Rate = Annotated[Decimal, Within(Decimal(0), Decimal(1), "a rate")]
#: An amount in yuan.
Yuan = Annotated[Decimal, Within(Decimal(0), None, "an amount in yuan")]
#: A factor such as 4 times the low-income line.
Multiple = Annotated[Decimal, Within(Decimal(0), None, "a multiple")]
#: A count of people, years, days.
Count = Annotated[int, Within(Decimal(1), None, "a count")]


@dataclass(frozen=True)
class Clause:
    """Where a value comes from: document number (or title), article, and the quoted Chinese sentence.

    quote: sentences that do not follow each other are joined by ……; row: the row of CLAUSES.md it answers ('J14'),
    empty where there is none.
    """

    document: str
    article: str
    quote: str
    row: str = ""

    def __str__(self) -> str:
        return f"{self.document} {self.article}"


@dataclass(frozen=True)
class HouseDefault:
    """What the house does where the paper is silent: never law, always printed as the house's own choice."""

    value: Decimal | int | str
    unit: str
    reason: str


@dataclass(frozen=True)
class HouseChoice:
    """A choice of the house among things the paper leaves open. settles: the fields of the rule it fills."""

    settles: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class NamedItem:
    """A thing that must be there: its code word and its Chinese name in the paper."""

    key: str
    title: str
