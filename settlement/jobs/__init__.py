"""Long work of the settlement side: recomputing a claim file, whole-area runs; progress survives a reload."""

from typing import Any, cast

from core.db import transaction
from core.errors import N_
from core.tasks.registry import task
from core.tasks.work import Work
from settlement import services
from settlement.claims.recompute import recompute as recompute_claims
from settlement.jobs.runs import carry_out
from settlement.models import ClaimFile, RunKind, SettlementRun
from settlement.services import runs
from settlement.services.claims import claims_to_recompute

#: What the bar counts: the file is read, recomputed and its result stored.
STEPS = 3
#: What the bar of a run says.
WORDS = {
    RunKind.DRY: N_("Calculating the settlement of %(year)s"),
    RunKind.DRAFT: N_("Drafting the settlement sheets of %(year)s"),
    RunKind.ISSUE: N_("Issuing the settlement sheets of %(year)s"),
}


@task("settlement.recompute")
def recompute(work: Work, claim_file_id: int) -> dict[str, Any]:
    """Recompute a claim file under the rules in force on the day; a file already recomputed is left as it is."""
    row = work.session.get_one(ClaimFile, claim_file_id)
    rows, done = row.rows, row.recomputed_at is not None
    work.session.rollback()
    if not done:
        message = N_("Recomputing %(rows)s claims")
        work.report(1, STEPS, message, rows=f"{rows:,}")
        parquet, terms = claims_to_recompute(work.session, claim_file_id)
        work.session.rollback()
        result = recompute_claims(parquet, terms)
        work.report(2, STEPS, message, rows=f"{rows:,}")
        with transaction(work.session):
            services.record_recomputation(work.session, work.actor, work.clock, claim_file_id, result)
        work.report(STEPS, STEPS, message, rows=f"{rows:,}")
    kept = cast(ClaimFile, work.session.get(ClaimFile, claim_file_id))
    return {"claim_file": claim_file_id, "recomputed_benefit": str(kept.recomputed_benefit)}


@task(runs.TASK)
def run(work: Work, run_id: int) -> dict[str, Any]:
    """Carry out what is left of a whole-area run; a finished one is left as it is."""
    row = work.session.get_one(SettlementRun, run_id)
    message, year = WORDS[row.kind], row.year
    work.session.rollback()

    def report(done: int, total: int) -> None:
        work.report(done, total, message, year=year)

    carry_out(work.session, work.actor, work.clock, run_id, report)
    return {"run": run_id}
