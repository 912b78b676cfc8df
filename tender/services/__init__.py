"""The verbs of the tender room, in the order of a tender's life; each checks permission and stage and is audited."""

from tender.services.archiving import request_archive
from tender.services.awarding import awards_by_tender, proposed_winners, request_award
from tender.services.bidding import (
    pay_security,
    receipt_file,
    receipt_number,
    submit_bid,
    upload_envelope,
    withdraw_bid,
)
from tender.services.cancelling import request_cancellation
from tender.services.clarification import answer, ask, take_documents
from tender.services.collusion import annex_hints, note_hint
from tender.services.correcting import Correction, confirm_corrigendum, request_correction
from tender.services.destroying import discard_uploads
from tender.services.drafts import BasicsDraft, LotDraft, TermsDraft, YearDraft
from tender.services.drawing import (
    abandon_draw,
    commit_number,
    declare_conflict,
    fix_candidates,
    keep_expert,
    record_refusal,
    reveal_number,
)
from tender.services.evaluation import evaluate
from tender.services.failing import request_failure
from tender.services.fallback import request_decision, retender
from tender.services.joint_check import set_threshold
from tender.services.keys import add_officer_key, confirm_key, confirm_proofs, make_tender_keys, tender_keys
from tender.services.low_price import ask_explanation, decide_price, explain_price
from tender.services.opening import close_tender, decrypt_shares, open_envelopes, post_opening_shares
from tender.services.preparation import (
    clone_tender,
    create_tender,
    edit_basics,
    lots_of,
    set_conditions,
    set_contract_terms,
    set_criteria,
    set_historical_years,
    set_lots,
    set_mandatory_fields,
)
from tender.services.publication import publication_checks, request_publication, set_timetable, timetable_of
from tender.services.reconfirming import reconfirm_bid
from tender.services.recovery import request_reveal, reveal
from tender.services.remedies import (
    ComplaintLetter,
    QueryLetter,
    lodge_query,
    record_complaint,
    record_decision,
    record_report,
    record_statement,
    register_query,
    request_carried_out,
    request_remedy,
    request_reply,
    signing_suspended,
)
from tender.services.replacing import Route, request_replacement
from tender.services.results import ranking
from tender.services.review import (
    Finding,
    committee_of,
    finish_conformity,
    finish_qualification,
    opened_bids,
    review_conformity,
    review_qualification,
    scored_bids,
)
from tender.services.scoring import (
    Points,
    answer_check,
    end_check,
    enter_scores,
    lock_scores,
    reopen_sheet,
    scored_criteria,
)
from tender.services.securities import Payment, refund_released, refund_security
from tender.services.stage import stage_of
from tender.services.supervising import record_finding, reply_finding
from tender.services.uploading import add_piece, begin_upload, finish_upload

__all__ = [
    "BasicsDraft", "ComplaintLetter", "Correction", "Finding", "LotDraft", "Payment", "Points", "QueryLetter",
    "Route", "TermsDraft", "YearDraft", "abandon_draw", "add_officer_key", "add_piece", "annex_hints", "answer",
    "answer_check", "ask", "ask_explanation", "awards_by_tender", "begin_upload", "clone_tender", "close_tender",
    "commit_number", "committee_of", "confirm_corrigendum", "confirm_key", "confirm_proofs",
    "create_tender", "decide_price", "declare_conflict", "decrypt_shares", "discard_uploads",
    "edit_basics", "end_check", "enter_scores", "evaluate", "explain_price",
    "finish_conformity", "finish_qualification", "finish_upload", "fix_candidates", "keep_expert", "lock_scores",
    "lodge_query", "lots_of", "make_tender_keys", "note_hint", "open_envelopes", "opened_bids", "pay_security",
    "post_opening_shares", "proposed_winners", "publication_checks", "ranking", "receipt_file", "receipt_number",
    "record_complaint", "record_decision", "record_finding", "record_refusal",
    "record_report", "record_statement", "refund_released", "refund_security",
    "register_query", "reopen_sheet", "reply_finding",
    "request_archive", "request_award", "request_cancellation", "request_correction", "request_decision",
    "request_failure", "request_publication", "request_carried_out",
    "reconfirm_bid", "request_remedy", "request_replacement", "request_reply",
    "request_reveal", "retender", "reveal", "reveal_number", "review_conformity", "review_qualification",
    "scored_bids", "scored_criteria", "set_conditions", "set_contract_terms", "set_criteria",
    "set_historical_years", "set_lots", "set_mandatory_fields", "set_threshold", "set_timetable",
    "signing_suspended", "stage_of", "submit_bid", "take_documents", "tender_keys", "timetable_of",
    "upload_envelope", "withdraw_bid",
]  # fmt: skip
