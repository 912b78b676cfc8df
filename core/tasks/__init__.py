"""Long work and sweeps: queued in the database, done by the one scheduler process, with progress that survives it.

A room declares in its `jobs.py` what can be queued and what is swept:

    @task("settlement.recompute")
    def recompute(work: Work, contract_id: int) -> dict[str, Any]:
        for number, batch in enumerate(batches, 1):
            with transaction(work.session):
                ...
            work.report(number, len(batches), N_("Recomputing %(contract)s"), contract=…)
        return {"sheet": sheet_id}

    @sweep("tender.remind", every=timedelta(hours=1))
    def remind(house: House, session: Session) -> int: ...

A service queues it with `enqueue(session, actor, clock, "settlement.recompute", contract_id=…)`, a page shows
`progress(session, task_id)`. A process may be killed at any moment: the work is then begun again, so it must be
idempotent. No deadline of the law depends on a sweep; sweeps only tell, tidy and publish what is already due.
"""
