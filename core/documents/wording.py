"""Rules as the papers take them: the sharing rule with its reading, ready to be put into words by the templates."""

from typing import Any

from core.policy.model import Cause, SharingRule, Side


def sharing_context(rule: SharingRule, reading: str | None) -> dict[str, Any]:
    """What tender document, agreement and contract print as `sharing`: clause, reading, and each band as it reads.

    Bands come surplus first, each with the reading's treatment applied. Raises KeyError for a reading the rule does
    not know.
    """
    chosen = rule.reading(reading)
    bands = [band for side in Side for cause in Cause for band in rule.bands_for(reading, side, cause)]
    return {
        "clause": rule.clause,
        "title": chosen.title,
        "explanation": chosen.explanation,
        "bands": [band for index, band in enumerate(bands) if band not in bands[:index]],
    }
