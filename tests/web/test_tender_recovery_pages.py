"""The pages of the recovery ladder: naming holders, asking bidders to re-reveal, and giving the recovery file."""

from io import BytesIO

from flask import Flask
from sqlmodel import Session, select

from core.clock import FixedClock
from core.db import transaction
from core.identity.models import Approval
from tender import seal, services
from tender.models import RevealedEnvelope
from tests.factories import identity
from tests.factories import tender as make
from tests.services.test_tender_recovery import bid_and_keep
from tests.support.pages import signed_in


def test_recovery_holders_are_named_at_the_ceremony(app: Flask, session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock)
    tender = make.prepared(session, clock, people)
    outside = identity.actor(session, clock, "recovery_holder", of=identity.organisation(session, clock, "supervision"))
    inside = identity.actor(session, clock, "recovery_holder", of=people.department)
    for holder in (outside, inside):
        with transaction(session):
            services.add_officer_key(session, holder, clock, recipient=seal.recipient_of(seal.new_identity()))
    handler = signed_in(app, session, people.handler)
    page = handler.get(f"/tenders/{tender.id}/keys")
    officers = [str(officer.user_id) for officer in people.officers]
    wrong = handler.submit(page, {"officers": officers, "recovery": [str(inside.user_id)]})
    assert wrong.status_code == 400
    holders = [str(outside.user_id), str(inside.user_id)]
    made = handler.submit(page, {"officers": officers, "recovery": holders})
    assert made.text.count("待确认") >= 5
    assert signed_in(app, session, outside).get(f"/tenders/{tender.id}/confirm").status_code == 200


def test_bidders_re_reveal_on_the_bid_page(app: Flask, session: Session, clock: FixedClock) -> None:
    people = make.cast(session, clock)
    tender = make.published(session, clock, people)
    files = [bid_and_keep(session, clock, insurer, tender) for insurer in people.insurers]
    clock.move_to(make.OPENING)
    handler = signed_in(app, session, people.handler)
    assert "由投标人提交恢复文件" in handler.get(f"/tenders/{tender.id}/opening").text
    page = handler.submit(handler.get(f"/tenders/{tender.id}/opening/reveal"), {"reason": "全部密钥灭失"})
    assert "尚待第二人批准" in page.text
    asked = session.exec(select(Approval).where(Approval.kind == "tender.reveal")).one().id
    session.rollback()
    make.approve(session, clock, people, asked)
    assert "全部密钥灭失" in handler.get(f"/tenders/{tender.id}/opening").text

    insurer = signed_in(app, session, people.insurers[0])
    assert "开标密钥丢失" in insurer.get("/messages/").text
    address = f"/tenders/opportunities/{tender.id}/bid"
    for content, status in ((files[1], 400), (files[0], 200)):
        answer = insurer.submit(
            insurer.get(address),
            {"1-reveal-technical-recovery": (BytesIO(content), "technical.recovery.json")},
            action="/reveal/technical",
        )
        assert answer.status_code == status, answer.text
    assert "恢复文件已提交" in insurer.get(address).text
    assert len(session.exec(select(RevealedEnvelope)).all()) == 1
