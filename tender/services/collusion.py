"""Hints of collusion in opened bids: computed from what was opened, noted by people, annexed on decision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from core import audit
from core.clock import Clock
from core.documents.services import papers_about
from core.errors import Forbidden, Invalid, N_, NotFound, Refused
from core.files import DamagedFile, MissingFile
from core.house import files_of
from core.identity.actor import Actor, require
from core.identity.models import User
from tender import seal
from tender.models import Bid, BidSecurity, EnvelopeKind, HintNote, Query, Tender
from tender.rules.collusion import Hint, HintKind, Offer, hints
from tender.rules.file_facts import FileFacts, file_facts, shingles
from tender.rules.stages import Stage
from tender.services.bidding import counted_envelope, standing_bids
from tender.services.papers_review import price_sheet
from tender.services.review import committee_of
from tender.services.stage import at_stage, locked_tender

#: How a hint is called in the evaluation report.
KIND_NAMES = {
    HintKind.ACCOUNT: "投标保证金从同一账户转出",
    HintKind.PERSON: "联系人或者联系地址相同",
    HintKind.SAME_FILE: "投标文件中有完全相同的文件",
    HintKind.AUTHOR: "电子文件的作者或者最后修改人相同",
    HintKind.CREATED: "电子文件的生成程序和生成时间相同",
    HintKind.TEXT: "投标文件文字内容雷同",
    HintKind.STEPS: "投标报价等差排列",
    HintKind.MIRRORED: "两个投标人在不同包的报价差额相等、方向相反",
}

#: The committee decides on the annex while it sits, before the report is issued.
ANNEXABLE = (Stage.CONFORMITY, Stage.SCORING, Stage.PRICE_OPENING, Stage.EVALUATION)


@dataclass(frozen=True)
class NotedHint:
    """A hint with what people noted of it."""

    hint: Hint
    notes: tuple[HintNote, ...]


def hints_of(session: Session, tender: Tender) -> list[NotedHint]:
    """The hints in a tender's opened bids with their notes; none before the opening."""
    if tender.technical_opened_at is None:
        return []
    rows = session.exec(select(HintNote).where(HintNote.tender_id == tender.id).order_by(col(HintNote.id))).all()
    offers = [_offer(session, bid) for bid in standing_bids(session, tender.id or 0)]
    found = hints(offers, _asked(session, tender))
    return [NotedHint(hint, tuple(row for row in rows if row.key == hint.key)) for hint in found]


def _asked(session: Session, tender: Tender) -> frozenset[int]:
    """The words of the tender document, in every version that was published."""
    papers = [paper for paper in papers_about(session, tender) if paper.kind == "tender_document"]
    return frozenset().union(*(shingles(text) for paper in papers for text in _texts(paper.inputs["context"])))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for part in value.values() for text in _texts(part))
    elif isinstance(value, Sequence):
        yield from (text for part in value for text in _texts(part))


def _offer(session: Session, bid: Bid) -> Offer:
    account = session.exec(select(BidSecurity.payer_account).where(BidSecurity.bid_id == bid.id)).first()
    sheet = price_sheet(session, bid)
    return Offer(
        bid=bid.id or 0, bidder=bid.bidder_id, lot=bid.lot_id, account=account or "",
        people=_people(session, bid), files=_files(session, bid), price=sheet.price if sheet else None,
    )  # fmt: skip


def _people(session: Session, bid: Bid) -> tuple[str, ...]:
    """Who acts for the bidder in this house, and how its letters say it is reached."""
    names = session.exec(select(User.name).where(User.organisation_id == bid.bidder_id)).all()
    letters = session.exec(
        select(Query).where(Query.tender_id == bid.tender_id, Query.organisation_id == bid.bidder_id)
    ).all()
    reached = [text for letter in letters for text in (letter.contact, letter.telephone, letter.address)]
    return tuple(dict.fromkeys([*names, *reached]))


def _files(session: Session, bid: Bid) -> tuple[FileFacts, ...]:
    envelope = counted_envelope(session, bid, EnvelopeKind.TECHNICAL)
    if envelope.content_sha256 is None:
        return ()
    digest = envelope.content_sha256
    if digest not in _kept:
        try:
            _kept[digest] = _facts(files_of(session).get(digest))
        except (DamagedFile, MissingFile):
            return ()
        while len(_kept) > KEPT:
            _kept.pop(next(iter(_kept)))
    return _kept[digest]


#: What was read of a container, by its hash: a container never changes, and a long one takes seconds to read.
_kept: dict[str, tuple[FileFacts, ...]] = {}
KEPT = 200


def _facts(container: bytes) -> tuple[FileFacts, ...]:
    return tuple(file_facts(file.name, file.content) for file in seal.read(container).files)


def note_hint(session: Session, actor: Actor, clock: Clock, tender_id: int, key: str, text: str) -> HintNote:
    """Somebody who watches says what is to be thought of a hint; it changes nothing of any bid.

    Raises NotFound for a hint that is not there, Refused for a second note of the same person.
    """
    require(actor, "tender:note_hint")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    if key not in {entry.hint.key for entry in hints_of(session, tender)}:
        raise NotFound(N_("There is no such hint"))
    if not text.strip():
        raise Invalid(N_("Say what you think of it"), field="text")
    mine = (HintNote.tender_id == tender_id, HintNote.key == key, HintNote.noted_by == actor.user_id)
    if session.exec(select(HintNote.id).where(*mine)).first() is not None:
        raise Refused(N_("You have noted this hint already"))
    row = HintNote(tender_id=tender_id, key=key, text=text.strip(), noted_by=actor.user_id, noted_at=now)
    session.add(row)
    audit.record(session, now, actor, "tender:hint:note", tender, hint=key)
    return row


def annex_hints(session: Session, actor: Actor, clock: Clock, tender_id: int) -> Tender:
    """The chair records the committee's decision that the hints are printed in the evaluation report as an annex."""
    require(actor, "tender:score")
    tender = locked_tender(session, tender_id)
    now = clock.now()
    at_stage(tender, now, *ANNEXABLE)
    seat = next((row for row in committee_of(session, tender_id) if row.user_id == actor.user_id), None)
    if seat is None or not seat.is_chair or seat.declared_at is None:
        raise Forbidden(N_("Only the chair of the committee can do this"))
    if tender.hints_annexed_at is None:
        tender.hints_annexed_at = now
        audit.record(session, now, actor, "tender:hint:annex", tender)
    return tender


def annex_of(session: Session, tender: Tender, names: dict[int, str]) -> list[dict[str, object]]:
    """`hints` of the evaluation report: empty unless the committee decided on the annex. names: bid → bidder."""
    if tender.hints_annexed_at is None:
        return []
    return [
        {
            "name": KIND_NAMES[entry.hint.kind],
            "clause": entry.hint.clause,
            "bidders": list(dict.fromkeys(names[bid] for bid in entry.hint.bids)),
            "evidence": list(entry.hint.evidence),
            "notes": [note.text for note in entry.notes],
        }
        for entry in hints_of(session, tender)
    ]
