"""Long work of the settlement side: recomputing a claim file, with progress that survives a reload."""

from typing import Any, cast

from core.db import transaction
from core.errors import N_
from core.tasks.registry import task
from core.tasks.work import Work
from settlement import services
from settlement.claims.recompute import recompute as recompute_claims
from settlement.models import ClaimFile
from settlement.services.claims import claims_to_recompute

#: What the bar counts: the file is read, recomputed and its result stored.
STEPS = 3


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
