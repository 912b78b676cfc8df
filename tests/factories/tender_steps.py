"""Every writing verb of the tender room as one step that can be tried at any stage, by its name.

A step does what must be there first (only at the stages that know it) and returns the call of the verb itself.
"""

from collections.abc import Callable
from typing import Any

from core.identity.actor import SYSTEM
from core.identity.models import Approval
from tender import seal, services
from tender.models import EnvelopeKind
from tender.rules.stages import ORDER, Stage
from tender.services import (
    cancelling,
    correcting,
    destroying,
    extending,
    keys,
    publication,
    recovery,
    warning,
)
from tender.starting import suggested_criteria
from tests.factories import tender as make
from tests.factories.tender_stages import World, announced

Step = Callable[[World], Callable[[], Any]]
STEPS: dict[str, Step] = {}
DRAWING = (Stage.SEALED, Stage.QUALIFICATION, Stage.CONFORMITY, Stage.SCORING)
OPENED = ORDER[3:]
PDF = b"%PDF-1.7 decision"


def step(name: str) -> Callable[[Step], Step]:
    def keep(one: Step) -> Step:
        STEPS[name] = one
        return one

    return keep


def simple(name: str, call: Callable[[World], Any]) -> None:
    """A verb that needs nothing beforehand."""
    STEPS[name] = lambda w: lambda: call(w)


def said(w: World, kind: str, payload: dict[str, Any], subject: int | None = None) -> Approval:
    """A request that somebody made earlier, as the second person's act finds it."""
    return Approval(
        kind=kind, subject_type="tender", subject_id=str(subject or w.number), payload=payload,
        requested_at=w.clock.now(), organisation_id=w.people.department.id, requested_by=w.people.handler.user_id,
    )  # fmt: skip


# Preparation
_basics = lambda w, number: make.basics(number, w.people.department.id or 0)  # noqa: E731
simple("preparation.create_tender", lambda w: services.create_tender(
    w.session, w.people.handler, w.clock, pack="jilin-2016", basics=_basics(w, "NEW")))  # fmt: skip
simple("preparation.clone_tender", lambda w: services.clone_tender(
    w.session, w.people.handler, w.clock, w.number, basics=_basics(w, "NEW")))  # fmt: skip
simple("preparation.edit_basics", lambda w: services.edit_basics(
    w.session, w.people.handler, w.clock, w.number, _basics(w, w.tender.number)))  # fmt: skip
simple("preparation.set_lots", lambda w: services.set_lots(
    w.session, w.people.handler, w.clock, w.number, [make.lot()]))  # fmt: skip
simple("preparation.set_contract_terms", lambda w: services.set_contract_terms(
    w.session, w.people.handler, w.clock, w.lot, make.terms()))  # fmt: skip
simple("preparation.set_mandatory_fields", lambda w: services.set_mandatory_fields(
    w.session, w.people.handler, w.clock, w.number, {"exclusions": "无"}))  # fmt: skip
simple("preparation.set_historical_years", lambda w: services.set_historical_years(
    w.session, w.people.handler, w.clock, w.lot, make.history()))  # fmt: skip
simple("preparation.set_conditions", lambda w: services.set_conditions(
    w.session, w.people.handler, w.clock, w.number, []))  # fmt: skip
simple("preparation.set_criteria", lambda w: services.set_criteria(
    w.session, w.people.handler, w.clock, w.number, suggested_criteria()))  # fmt: skip
simple("publication.set_timetable", lambda w: services.set_timetable(
    w.session, w.people.handler, w.clock, w.number, notice_on=make.NOTICE_DAY, deadline=make.DEADLINE
))  # fmt: skip
simple("keys.add_officer_key", lambda w: services.add_officer_key(
    w.session, w.people.officers[0], w.clock, recipient=seal.recipient_of(seal.new_identity())))  # fmt: skip
simple("keys.make_tender_keys", lambda w: services.make_tender_keys(
    w.session, w.people.handler, w.clock, w.number, [officer.user_id for officer in w.people.officers]
))  # fmt: skip
simple("keys.confirm_key", lambda w: services.confirm_key(
    w.session, w.people.officers[0], w.clock, w.number, w.people.identities[w.people.officers[0].user_id]
))  # fmt: skip
simple("publication.request_publication", lambda w: services.request_publication(
    w.session, w.people.handler, w.clock, w.number))  # fmt: skip
simple("publication.publish", lambda w: publication.publish(
    w.session, w.people.approver, w.clock, said(w, "tender.publish", {})))  # fmt: skip


@step("keys.confirm_proofs")
def _confirm_proofs(w: World) -> Callable[[], Any]:
    officer = w.people.officers[0]
    key = keys.officer_key_of(w.session, officer.user_id)
    proofs = {
        kind: {
            subset: proof for subset, (_share, proof) in keys.open_shares(
                keys.shares_for(w.session, row, key), w.people.identities[officer.user_id]
            ).items()
        }
        for kind, row in services.tender_keys(w.session, w.number).items()
    }  # fmt: skip
    return lambda: keys.confirm_proofs(w.session, officer, w.clock, w.number, proofs)


# Between notice and deadline
simple("clarification.take_documents", lambda w: services.take_documents(
    w.session, w.people.insurers[0], w.clock, w.number))  # fmt: skip
simple("clarification.ask", lambda w: services.ask(
    w.session, w.people.insurers[0], w.clock, w.number, "人数如何核定？"))  # fmt: skip
simple("clarification.answer", lambda w: services.answer(
    w.session, w.people.handler, w.clock, w.ids.get("question", 0), "以参保台账为准。"))  # fmt: skip
_correction = services.Correction(reason="更正", affects_bids=False, opening_place="另一处")
simple("correcting.request_correction", lambda w: services.request_correction(
    w.session, w.people.handler, w.clock, w.number, _correction))  # fmt: skip
simple("correcting.correct", lambda w: correcting.correct(w.session, w.people.approver, w.clock, said(
    w, "tender.correct", {"changes": {"opening_place": [w.tender.opening_place, "另一处"]}, "reason": "更正",
                          "affects_bids": False})))  # fmt: skip
simple("correcting.confirm_corrigendum", lambda w: services.confirm_corrigendum(
    w.session, w.people.insurers[0], w.clock, w.ids.get("corrigendum", 0)))  # fmt: skip


@step("reconfirming.reconfirm_bid")
def _reconfirm_bid(w: World) -> Callable[[], Any]:
    """A corrigendum that touches every lot came after the bid."""
    if w.at(Stage.BIDDING):
        changes = {"few_valid_go_on": ["False", "True"]}
        payload = {"changes": changes, "reason": "更正", "affects_bids": True}
        correcting.correct(w.session, w.people.approver, w.clock, said(w, "tender.correct", payload))
    return lambda: services.reconfirm_bid(w.session, w.people.insurers[2], w.clock, w.lot)


simple("extending.extend_documents", lambda w: extending.extend_documents(w.session, w.clock, w.number))
simple("destroying.destroy_superseded", lambda w: destroying.destroy_superseded(
    w.session, SYSTEM, w.clock, w.number))  # fmt: skip
simple("warning.warn_unsubmitted", lambda w: warning.warn_unsubmitted(w.session, SYSTEM, w.clock, w.number))
simple("cancelling.request_cancellation", lambda w: services.request_cancellation(
    w.session, w.people.handler, w.clock, w.number, "任务取消"))  # fmt: skip
simple("cancelling.cancel", lambda w: cancelling.cancel(
    w.session, w.people.approver, w.clock, said(w, "tender.cancel", {"reason": "任务取消"})))  # fmt: skip

# Bids
simple("bidding.pay_security", lambda w: services.pay_security(
    w.session, w.people.insurers[0], w.clock, w.lot, payer_account="演示账户"))  # fmt: skip
simple("bidding.upload_envelope", lambda w: services.upload_envelope(
    w.session, w.people.insurers[0], w.clock, w.lot, EnvelopeKind.TECHNICAL, *_sealed(w)))  # fmt: skip
simple("bidding.submit_bid", lambda w: services.submit_bid(
    w.session, w.people.insurers[2], w.clock, w.lot, technical_id=w.ids.get("technical", 0),
    price_id=w.ids.get("price", 0), idempotency_key="another-key"))  # fmt: skip
simple("bidding.withdraw_bid", lambda w: services.withdraw_bid(w.session, w.people.insurers[2], w.clock, w.lot))
simple("uploading.begin_upload", lambda w: services.begin_upload(
    w.session, w.people.insurers[1], w.clock, w.lot, EnvelopeKind.PRICE, size=9, sha256="0" * 64, commitment="0" * 64,
))  # fmt: skip
simple("uploading.add_piece", lambda w: services.add_piece(
    w.session, w.people.insurers[2], w.clock, w.ids.get("draft", ""), 0, w.ids.get("ciphertext", b""
)))  # fmt: skip


def _sealed(w: World) -> tuple[bytes, str]:
    return make.sealed(w.session, w.tender, 1, EnvelopeKind.TECHNICAL)


@step("uploading.finish_upload")
def _finish_upload(w: World) -> Callable[[], Any]:
    bidder, reference = w.people.insurers[2], w.ids.get("draft", "")
    if w.at(Stage.BIDDING):
        ciphertext, _commitment = make.sealed(w.session, w.tender, 1, EnvelopeKind.PRICE, "38.00")
        draft = services.begin_upload(
            w.session, bidder, w.clock, w.lot, EnvelopeKind.PRICE, **announced(w.ids | {"ciphertext": ciphertext})
        )
        reference = draft.reference
        services.add_piece(w.session, bidder, w.clock, reference, 0, ciphertext)
    return lambda: services.finish_upload(w.session, bidder, w.clock, reference)


simple("destroying.discard_uploads", lambda w: services.discard_uploads(
    w.session, w.people.insurers[2], w.clock, w.lot))  # fmt: skip

# Opening
simple("opening.close_tender", lambda w: services.close_tender(w.session, SYSTEM, w.clock, w.number))


def _shares(w: World, kind: EnvelopeKind, officer: int) -> Callable[[], Any]:
    actor = w.people.officers[officer]
    shares = services.decrypt_shares(w.session, actor, w.number, kind, w.people.identities[actor.user_id])
    return lambda: services.post_opening_shares(w.session, actor, w.clock, w.number, kind, shares)


def _open(w: World, kind: EnvelopeKind, due: Stage) -> Callable[[], Any]:
    for officer in (0, 1) if w.at(due) else ():
        _shares(w, kind, officer)()
    return lambda: services.open_envelopes(w.session, w.people.officers[0], w.clock, w.number, kind)


STEPS["opening.post_opening_shares/technical"] = lambda w: _shares(w, EnvelopeKind.TECHNICAL, 0)
STEPS["opening.post_opening_shares/price"] = lambda w: _shares(w, EnvelopeKind.PRICE, 0)
STEPS["opening.open_envelopes/technical"] = lambda w: _open(w, EnvelopeKind.TECHNICAL, Stage.SEALED)
STEPS["opening.open_envelopes/price"] = lambda w: _open(w, EnvelopeKind.PRICE, Stage.PRICE_OPENING)
_due = lambda w: EnvelopeKind.PRICE if w.at(Stage.PRICE_OPENING) else EnvelopeKind.TECHNICAL  # noqa: E731
simple("recovery.request_reveal", lambda w: services.request_reveal(
    w.session, w.people.handler, w.clock, w.number, "密钥介质损坏"))  # fmt: skip
simple("recovery.open_window", lambda w: recovery.open_window(
    w.session, w.people.approver, w.clock, said(w, "tender.reveal", {"reason": "密钥介质损坏"})))  # fmt: skip


@step("recovery.reveal")
def _reveal(w: World) -> Callable[[], Any]:
    if w.at(Stage.SEALED, Stage.PRICE_OPENING):
        recovery.open_window(w.session, w.people.approver, w.clock, said(w, "tender.reveal", {"reason": "损坏"}))
    container = w.ids.get(f"{_due(w).value} container", b"")
    file = b'{"container": "%s"}' % container.hex().encode()
    return lambda: services.reveal(w.session, w.people.insurers[2], w.clock, w.lot, _due(w), file)
