"""Whole-area runs: asked for, done contract year by contract year, compared with the run before."""

from settlement.services.runs.asking import TASK, ask_dry_run, ask_to_draft, ask_to_issue
from settlement.services.runs.doing import act_on_item, calculate_item, finish_run, keep_items, refuse_item
from settlement.services.runs.reading import (
    RunStanding,
    baseline,
    changes_between,
    contract_ids,
    contract_numbers,
    items_of,
    may_draft,
    may_issue,
    refusal_of,
    results_of,
    row_changes,
    run_standing,
    run_standings,
    values_of,
    why_not_issued,
)

__all__ = [
    "TASK",
    "RunStanding",
    "act_on_item",
    "ask_dry_run",
    "ask_to_draft",
    "ask_to_issue",
    "baseline",
    "calculate_item",
    "changes_between",
    "contract_ids",
    "contract_numbers",
    "finish_run",
    "items_of",
    "keep_items",
    "may_draft",
    "may_issue",
    "refusal_of",
    "refuse_item",
    "results_of",
    "row_changes",
    "run_standing",
    "run_standings",
    "values_of",
    "why_not_issued",
]
