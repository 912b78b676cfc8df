"""Where each numbered parameter of an annual contract comes from, in the words its papers print."""

from core.policy import PolicyView

#: The paper behind the price, and the list that both sides sign for the insured.
AWARD_LETTER, HEAD_COUNT_LIST = "中标通知书", "参保人数确认单"


def parameter_sources(seen: PolicyView) -> dict[str, str]:
    """Parameter → source: the paper's clause, else what was procured, else 年度合同."""
    benefits = seen.benefits
    clauses = {parameter.key: parameter.clause for parameter in benefits.parameters} if benefits else {}
    if benefits and benefits.ratios:
        clauses["bands"] = benefits.ratios.clause
    if benefits and benefits.tilts:
        clauses["tilt"] = benefits.tilts[0].clause
    if seen.sharing:
        clauses["sharing"] = seen.sharing.clause
    named = {key: str(clauses[key]) if key in clauses else "年度合同" for key in _FROM_THE_PAPER}
    return {"funding_standard": AWARD_LETTER, "insured_count": HEAD_COUNT_LIST, **named}


_FROM_THE_PAPER = ("deductible", "bands", "maximum", "tilt", "sharing")
