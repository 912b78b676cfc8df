"""Two people for what binds: who may ask, who may approve, and that an act is executed once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.audit import AuditEvent
from core.db import transaction
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.identity import approvals
from core.identity.actor import SYSTEM
from core.identity.models import Approval, Decision, Organisation
from tests.factories import identity as make

ABOUT = ("tender", 7)


@approvals.executor("test.rename", permission="tender:publish")
def rename(session, actor, clock, approval):
    """Executor of these tests: adds its payload to an organisation's short name, so that a second run would show."""
    organisation = session.get_one(Organisation, approval.payload["organisation"])
    organisation.short_name += approval.payload["mark"]
    if approval.payload["mark"] == "fail":
        raise Refused("the executor says no")
    return organisation.short_name


@pytest.fixture
def people(session, clock):
    """A handler who asks, an approver who may approve, and a supervisor who may not."""
    office = make.organisation(session, clock)
    return {role: make.actor(session, clock, role, of=office) for role in ("handler", "approver", "supervisor")}


def ask(session, clock, actor, subject=ABOUT, mark="+"):
    with transaction(session):
        return approvals.request(
            session,
            actor,
            clock,
            "test.rename",
            subject,
            message="Rename %(name)s",
            params={"name": "it"},
            payload={"organisation": actor.organisation_id, "mark": mark},
        )


def short_name(session, actor):
    session.expire_all()
    return session.get_one(Organisation, actor.organisation_id).short_name


def test_one_asks_another_approves_and_the_act_is_executed(session, clock, people):
    before = short_name(session, people["handler"])
    approval = ask(session, clock, people["handler"])
    assert short_name(session, people["handler"]) == before
    clock.advance(hours=1)
    with transaction(session):
        assert approvals.approve(session, people["approver"], clock, approval.id) == before + "+"
    assert (approval.decision, approval.decided_by) == (Decision.APPROVED, people["approver"].user_id)
    assert approval.decided_at == clock.now()
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.object_type == "approval")).all()
    assert actions == ["identity:approval:request", "identity:approval:approve"]


def test_the_person_who_asked_cannot_decide(session, clock, people):
    approval = ask(session, clock, people["handler"])
    for verb in (approvals.approve, lambda *given: approvals.reject(*given, reason="no")):
        with pytest.raises(Refused, match="Two people"), transaction(session):
            verb(session, people["handler"], clock, approval.id)
    assert not approvals.may_decide(session, people["handler"], approval)


def test_the_database_itself_refuses_one_person_for_both_steps(session, clock, people):
    approval = ask(session, clock, people["handler"])
    with pytest.raises(IntegrityError), transaction(session):
        approval = session.get_one(Approval, approval.id)
        approval.decided_by, approval.decided_at = people["handler"].user_id, clock.now()
        approval.decision = Decision.APPROVED


def test_only_a_holder_of_the_permission_decides(session, clock, people):
    approval = ask(session, clock, people["handler"])
    with pytest.raises(Forbidden), transaction(session):
        approvals.approve(session, people["supervisor"], clock, approval.id)


def test_the_system_neither_asks_nor_decides(session, clock, people):
    with pytest.raises(Forbidden, match="Only a person"):
        ask(session, clock, SYSTEM)
    approval = ask(session, clock, people["handler"])
    with pytest.raises(Forbidden, match="Only a person"), transaction(session):
        approvals.approve(session, SYSTEM, clock, approval.id)


def test_a_rejection_needs_a_reason_and_ends_the_request(session, clock, people):
    approval = ask(session, clock, people["handler"])
    with pytest.raises(Invalid, match="Say why"), transaction(session):
        approvals.reject(session, people["approver"], clock, approval.id, "  ")
    with transaction(session):
        approvals.reject(session, people["approver"], clock, approval.id, "评分表缺少权重")
    with pytest.raises(Refused, match="already decided"), transaction(session):
        approvals.approve(session, people["approver"], clock, approval.id)
    assert ask(session, clock, people["handler"]).decided_at is None, "after a rejection one may ask again"


def test_a_request_can_be_withdrawn_by_its_asker_only(session, clock, people):
    approval = ask(session, clock, people["handler"])
    with pytest.raises(Forbidden), transaction(session):
        approvals.withdraw(session, people["approver"], clock, approval.id)
    with transaction(session):
        approvals.withdraw(session, people["handler"], clock, approval.id)
    assert (approval.decision, approval.decided_by) == (Decision.WITHDRAWN, None)


def test_the_same_act_waits_once(session, clock, people):
    ask(session, clock, people["handler"])
    with pytest.raises(Refused, match="already waits"):
        ask(session, clock, people["approver"])
    assert ask(session, clock, people["handler"], subject=("tender", 8)).id


def test_an_executor_that_refuses_leaves_the_request_waiting(session, clock, people):
    approval = ask(session, clock, people["handler"], mark="fail")
    before = short_name(session, people["handler"])
    with pytest.raises(Refused, match="says no"), transaction(session):
        approvals.approve(session, people["approver"], clock, approval.id)
    assert session.get_one(Approval, approval.id).decided_at is None
    assert short_name(session, people["handler"]) == before


def test_an_insurers_request_is_decided_inside_that_insurer(session, clock):
    @approvals.executor("test.disclose", permission="disclosure:prepare")
    def disclose(session, actor, clock, approval):
        return "disclosed"

    company, rival = (make.organisation(session, clock, "insurer") for _ in range(2))
    preparer, signer = (make.actor(session, clock, role, of=company) for role in ("insurer_preparer", "insurer_signer"))
    stranger, handler = make.actor(session, clock, "insurer_signer", of=rival), make.actor(session, clock, "handler")
    with transaction(session):
        approval = approvals.request(session, preparer, clock, "test.disclose", ABOUT, message="Disclose")
    for outsider in (stranger, handler):
        assert not approvals.may_see(session, outsider, approval)
        with pytest.raises(NotFound), transaction(session):
            approvals.approve(session, outsider, clock, approval.id)
    with transaction(session):
        assert approvals.approve(session, signer, clock, approval.id) == "disclosed"


def test_twenty_parallel_approvals_execute_once(house, session, clock, people):
    """C01 of security.md: the lock comes before the look, on either database."""
    others = [make.actor(session, clock, "approver") for _ in range(20)]
    approval_id = ask(session, clock, people["handler"]).id
    before = short_name(session, people["handler"])
    session.rollback()

    def approve(actor):
        with house.db.factory() as own:
            try:
                with transaction(own):
                    approvals.approve(own, actor, clock, approval_id)
                return "approved"
            except Refused:
                return "refused"

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(approve, others))
    assert sorted(set(outcomes)) == ["approved", "refused"]
    assert outcomes.count("approved") == 1
    assert short_name(session, people["handler"]) == before + "+"
    executed = select(func.count()).where(AuditEvent.action == "identity:approval:approve")
    assert session.scalar(executed) == 1
