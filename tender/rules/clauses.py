"""Which article says it, under the rule set a tender runs under: Order 18 until 30 September 2017, Order 87 after.

The articles of Order 18 were recalled, not read (its text is not among the project's sources); those of Order 87 were.
"""

_ORDER18 = "财政部令第18号"
_ORDER87 = "财政部令第87号"

#: What is cited: (article of Order 18, article of Order 87).
_ARTICLES = {
    "secrecy": ("30", "28"),
    "clarification": ("27", "27"),
    "receipt": ("31", "33"),
    "change": ("32", "34"),
    "opening": ("38", "39"),
    "too_few_bids": ("43", "41"),
    "qualification": ("54", "44"),
    "too_few_qualified": ("43", "44"),
    "conformity": ("54", "50"),
    "too_few_conforming": ("43", "43"),
    "clarify": ("54", "51"),
    "correction": ("41", "59"),
    "invalid": ("56", "63"),
    "scoring": ("52", "55"),
    "ranking": ("54", "57"),
    "objective": ("52", "64"),
    "committee": ("45", "47"),
    "chair": ("45", "45"),
    "draw": ("48", "48"),
    "replacement": ("48", "49"),
    "award": ("59", "68"),
    "notice": ("62", "69"),
}

FAILURE = "政府采购法第36条"
SUPPLIERS = "政府采购法第22条"
RECUSAL = "政府采购法实施条例第9条"


def cancellation(rule_set: str) -> str:
    """What a cancellation before the opening rests on; for Order 18 the statute's own ground, the task's falling away.

    >>> cancellation("ORDER87")
    '财政部令第87号第29条'
    """
    return FAILURE if rule_set.startswith("ORDER18") else f"{_ORDER87}第29条"


def unchangeable(rule_set: str) -> str:
    """Why a corrigendum changes neither subject nor conditions: Order 87 says 不得改变采购标的和资格条件.

    Under Order 18, which does not, the house reads the regulation so: it allows what is necessary to clarify or modify
    a tender document, and another subject or other bidders are another procurement.
    """
    return "政府采购法实施条例第31条" if rule_set.startswith("ORDER18") else f"{_ORDER87}第27条"


def clause(rule_set: str, matter: str) -> str:
    """The citation for a matter, for example '财政部令第87号第33条'. Raises KeyError for an unknown matter."""
    old, new = _ARTICLES[matter]
    return f"{_ORDER18}第{old}条" if rule_set.startswith("ORDER18") else f"{_ORDER87}第{new}条"


def correction_step(rule_set: str, number: int) -> str:
    """The article of one step of the price correction; Order 87 numbers the four, Order 18 says them in one sentence.

    >>> correction_step("ORDER87", 3)
    '财政部令第87号第59条第（三）项'
    """
    article = clause(rule_set, "correction")
    return article if rule_set.startswith("ORDER18") else f"{article}第（{'一二三四'[number - 1]}）项"
