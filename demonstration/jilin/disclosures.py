"""The public end of the case: filings after publishing and signing, disclosures after signing and accounts (J20)."""

from datetime import datetime, timedelta
from typing import cast

import disclosure.services as public
from demonstration.jilin.contracts import Deal
from demonstration.stage import Stage, both
from disclosure.models import DisclosureKind, FilingKind


def file_away(stage: Stage, kind: FilingKind, subject_id: int, moment: datetime) -> None:
    """The department prepares a filing, a second person signs the letter, the receiving office takes it on file."""
    with stage.at(moment) as session:
        filing = public.prepare_filing(session, stage.cast["handler"], stage.clock, kind, subject_id)
        filing_id = cast(int, filing.id)
    both(
        stage,
        moment + timedelta(minutes=2),
        "handler",
        "approver",
        lambda session, actor: public.request_submission(session, actor, stage.clock, filing_id),
    )
    with stage.at(stage.clock.now() + timedelta(minutes=5)) as session:
        public.accept_filing(session, stage.cast["supervisor"], stage.clock, filing_id)


def disclose(stage: Stage, deal: Deal, contract_id: int, kind: DisclosureKind, moment: datetime) -> None:
    """The insurer prepares its disclosure and publishes it with a second person."""
    with stage.at(moment) as session:
        row = public.prepare_disclosure(session, stage.cast[deal.preparer], stage.clock, contract_id, kind)
        disclosure_id, number = cast(int, row.id), row.number
    both(
        stage,
        moment + timedelta(minutes=2),
        deal.preparer,
        deal.signer,
        lambda session, actor: public.request_publication(session, actor, stage.clock, disclosure_id),
    )
    if kind is DisclosureKind.FINAL_ACCOUNTS:
        stage.step(f"{number} 年度决算信息公开发布")
