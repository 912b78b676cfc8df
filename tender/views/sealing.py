"""Keys and openings: officers enrol and confirm, the ceremony, shares posted, envelopes opened."""

import json
from base64 import b64decode, b64encode
from decimal import Decimal
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext
from sqlmodel import col, select

from core.clock import local_date
from core.errors import Invalid, N_, NotFound
from core.identity.models import Organisation, RoleGrant, User
from core.web import actor, allow, clock, now, perform, session
from tender import seal, services
from tender.forms import CeremonyForm
from tender.forms.review import NewKeyForm, PassphraseForm, RecoveryForm, RevealForm
from tender.forms.text import choices
from tender.models import EnvelopeKind, Lot, OfficerKey, Opening, PriceSheet, RefusedBid, Tender
from tender.rules.stages import Stage, may_open_from
from tender.services.bidding import counted_envelope, last_submission, receipt_number, standing_bids
from tender.services.correcting import submitted_before
from tender.services.destroying import objection_period, superseded_of
from tender.services.keys import key_holders, officer_key_of, shares_for, unconfirmed, unlock
from tender.services.papers_review import price_sheet
from tender.services.reconfirming import touching
from tender.services.recovery import ready_subset, window_of
from tender.views import access, labels
from tender.views.blueprint import bp


@bp.route("/my-key", methods=["GET", "POST"])
@allow("tender:confirm_key")
def my_key() -> Any:
    """An opening officer's own key: made here under a passphrase, or enrolled from elsewhere."""
    form = NewKeyForm()
    done = form.save(
        _enrol(form), then=lambda _key: url_for("tender.my_key"), message=gettext("Your key is enrolled")
    )
    present = officer_key_of(session(), actor().user_id)
    page = {"form": form, "present": present, "fingerprint": seal.fingerprint(present.recipient) if present else ""}
    return done or (render_template("tender/my-key.html", **page), form.status)


def _enrol(form: NewKeyForm) -> Any:
    def enrol(database: Any) -> Any:
        if form.recipient.data:
            return services.add_officer_key(
                database, actor(), clock(), recipient=form.recipient.data.strip(),
                wrapped_identity=_locked(form.wrapped.data or ""),
            )  # fmt: skip
        if not form.passphrase.data:
            raise Invalid(N_("Give a passphrase, or a recipient made elsewhere"), field="passphrase")
        identity = seal.new_identity()
        wrapped = seal.wrap(identity, form.passphrase.data)
        return services.add_officer_key(
            database, actor(), clock(), recipient=seal.recipient_of(identity), wrapped_identity=wrapped
        )

    return enrol


def _locked(text: str) -> bytes | None:
    """The private half that the browser locked; None where it stays elsewhere. Raises Invalid for anything else."""
    if not text:
        return None
    try:
        content = b64decode(text, validate=True)
        seal.check_locked(content)
    except (ValueError, seal.EnvelopeFault) as fault:
        raise Invalid(N_("This is not a key locked by a passphrase"), field="recipient") from fault
    return content


def _unlock(tender: Tender, kinds: tuple[EnvelopeKind, ...]) -> dict[str, Any]:
    """What the officer's browser needs to open the own shares itself: all of it is encrypted to the officer."""
    officer = officer_key_of(session(), actor().user_id)
    keys = services.tender_keys(session(), tender.id or 0)
    shares = [
        {"envelope": kind.value, "subset": row.subset, "ciphertext": b64encode(row.ciphertext).decode()}
        for kind in kinds
        if officer is not None and kind in keys
        for row in shares_for(session(), keys[kind], officer)
    ]
    wrapped = officer.wrapped_identity if officer is not None else None
    return {"wrapped": b64encode(wrapped).decode() if wrapped else "", "shares": shares}


def _opened_here(form: PassphraseForm) -> dict[EnvelopeKind, dict[str, str]] | None:
    """What the browser opened, by envelope; None where the form came without script. Raises Invalid for other text."""
    if not form.opened.data:
        return None
    try:
        said = json.loads(form.opened.data)
        return {
            EnvelopeKind(kind): {str(subset): str(value) for subset, value in found.items()}
            for kind, found in said.items()
        }
    except (ValueError, AttributeError, RecursionError) as fault:
        raise Invalid(N_("The shares could not be read: load the page again"), field="passphrase") from fault


def _holders_of_role(role: str) -> list[tuple[int, str]]:
    """Everybody of the role who has enrolled a key, with the office."""
    rows = session().exec(
        select(User, Organisation)
        .join(RoleGrant, col(RoleGrant.user_id) == User.id)
        .join(Organisation, col(Organisation.id) == User.organisation_id)
        .where(RoleGrant.role == role, col(RoleGrant.revoked_at).is_(None))
        .where(col(User.disabled_at).is_(None))
        .order_by(col(User.id))
    )
    return [
        (user.id or 0, f"{user.name}（{organisation.short_name}）")
        for user, organisation in rows
        if officer_key_of(session(), user.id or 0) is not None
    ]


@bp.route("/<int:tender_id>/keys", methods=["GET", "POST"])
@allow("tender:prepare")
def ceremony(tender_id: int) -> Any:
    """The key ceremony: choose the officers; fresh keys are made, split and handed to them."""
    tender = access.tender_for(tender_id)
    form = CeremonyForm()
    form.officers.choices = choices(_holders_of_role("opening_officer"))
    form.recovery.choices = choices(_holders_of_role("recovery_holder"))
    done = form.save(
        lambda database: services.make_tender_keys(
            database, actor(), clock(), tender_id, form.officers.data or [], recovery=form.recovery.data or []
        ),
        then=lambda _keys: url_for("tender.ceremony", tender_id=tender_id),
        message=gettext("The keys are made; every officer must confirm the shares now"),
    )
    missing = {key.id for key in unconfirmed(session(), tender_id)}
    holders = [(session().get_one(User, key.user_id).name, key.id not in missing)
               for key in key_holders(session(), tender_id)]  # fmt: skip
    page = access.page_of(tender, gettext("Key ceremony"))
    body = render_template(
        "tender/keys.html", form=form, keys=services.tender_keys(session(), tender_id), holders=holders, labels=labels,
        **page,
    )  # fmt: skip
    return done or (body, form.status)


@bp.route("/<int:tender_id>/confirm", methods=["GET", "POST"])
@allow("tender:confirm_key")
def confirm(tender_id: int) -> Any:
    """An officer proves that the own shares open, before the tender may be published."""
    tender = access.tender_for(tender_id)
    form = PassphraseForm()

    def prove(database: Any) -> None:
        proofs = _opened_here(form)
        if proofs is not None:
            services.confirm_proofs(database, actor(), clock(), tender_id, proofs)
        else:
            identity = _identity(database, form.passphrase.data or "")
            services.confirm_key(database, actor(), clock(), tender_id, identity)

    done = form.save(
        prove,
        then=lambda _none: url_for("tender.show", tender_id=tender_id),
        message=gettext("Your shares open; that is recorded"),
    )
    page = access.page_of(tender, gettext("Confirm my shares"))
    body = render_template(
        "tender/passphrase.html", form=form, what="confirm", unlock=_unlock(tender, tuple(EnvelopeKind)), **page
    )
    return done or (body, form.status)


def _identity(database: Any, passphrase: str) -> str:
    key = officer_key_of(database, actor().user_id)
    if key is None:
        raise NotFound(N_("You have not enrolled a key yet"))
    return unlock(key, passphrase)


def _kind(standing: Stage) -> EnvelopeKind:
    return EnvelopeKind.PRICE if standing is Stage.PRICE_OPENING else EnvelopeKind.TECHNICAL


@bp.get("/<int:tender_id>/opening")
@allow("tender:view")
def opening(tender_id: int) -> Any:
    """The opening: whose shares are in, from when it may happen, and what was opened."""
    tender = access.tender_for(tender_id)
    page = access.page_of(tender, gettext("Opening"))
    kind = _kind(page["stage"])
    key = services.tender_keys(session(), tender_id).get(kind)
    ready, posted = ready_subset(session(), key) if key else (None, [])
    window = window_of(session(), tender_id, kind)
    openings = session().exec(select(Opening).where(Opening.tender_id == tender_id).order_by(col(Opening.id))).all()
    due = page["stage"] in (Stage.SEALED, Stage.PRICE_OPENING)
    from_when = may_open_from(tender.deadline, tender.grace_minutes) if tender.deadline else None
    mine = officer_key_of(session(), actor().user_id)
    return render_template(
        "tender/opening.html",
        **page,
        kind=kind,
        due=due,
        lawful=due and (kind is EnvelopeKind.PRICE or (from_when is not None and now() >= from_when)),
        from_when=from_when,
        posted=[(_holder(row.officer_key_id), row.posted_at, row.note) for row in posted],
        enough=ready is not None or (window is not None and window.closes_at <= now()),
        window=window,
        may_ask=may_ask_to_reveal(tender),
        asked=access.two_keys_of("tender.reveal", tender),
        holds=mine is not None and mine.id in {holder.id for holder in key_holders(session(), tender_id)},
        gave=mine is not None and mine.id in {row.officer_key_id for row in posted},
        openings=[_opened(tender, row) for row in openings] if access.may_see_bids(tender) else [],
        superseded=_superseded(tender) if openings and access.may_see_bids(tender) else [],
        objections=objection_period(session(), tender, local_date(now())),
        refused=_refused(tender) if openings and access.may_see_bids(tender) else [],
        labels=labels,
    )


def _holder(key_id: int) -> str:
    return session().get_one(User, session().get_one(OfficerKey, key_id).user_id).name


def _opened(tender: Tender, row: Opening) -> dict[str, Any]:
    bids = standing_bids(session(), tender.id or 0)
    lines = []
    for bid in bids:
        envelope, counted = counted_envelope(session(), bid, row.envelope), last_submission(session(), bid)
        if envelope.opened_at is None and envelope.failure is None or counted is None:
            continue
        lot, sheet = session().get_one(Lot, bid.lot_id), price_sheet(session(), bid)
        lines.append(
            {
                "lot": lot.position,
                "insurer": session().get_one(Organisation, bid.bidder_id).name,
                "submitted_at": counted.submitted_at,
                "receipt": receipt_number(counted),
                "commitment": envelope.commitment,
                "before": submitted_before(session(), bid),
                "reconfirmed": [entry.number for entry in touching(session(), bid) if entry.reconfirmed],
                "price": labels.price_text(lot.price_object, sheet.price if sheet else None),
                "price_in_words": sheet.price_in_words if sheet else "",
                "beside": _beside(lot, sheet),
                "failure": envelope.failure,
            }
        )
    return {"row": row, "bids": lines, "officers": [session().get_one(User, user).name for user in row.officers]}


def _beside(lot: Lot, sheet: PriceSheet | None) -> tuple[Any, Decimal, str] | None:
    """What the sheet states beside its price, with its words; None where it states nothing."""
    if sheet is None or sheet.beside is None:
        return None
    return labels.BESIDES[lot.price_object], sheet.beside, sheet.beside_in_words


def _superseded(tender: Tender) -> list[dict[str, Any]]:
    """The envelopes that count for nothing, bidder by bidder, with what became of them."""
    return [
        {
            "lot": session().get_one(Lot, bid.lot_id).position,
            "insurer": session().get_one(Organisation, bid.bidder_id).name,
            "row": row,
            "why": why,
        }
        for bid, row, why in superseded_of(session(), tender)
    ]


def _refused(tender: Tender) -> list[dict[str, Any]]:
    rows = session().exec(select(RefusedBid).where(RefusedBid.tender_id == tender.id).order_by(col(RefusedBid.id)))
    return [
        {"insurer": session().get_one(Organisation, row.bidder_id).name, "at": row.refused_at} for row in rows
    ]


@bp.route("/<int:tender_id>/opening/shares", methods=["GET", "POST"])
@allow("tender:give_shares", fresh=True)
def post_shares(tender_id: int) -> Any:
    """An officer hands over the shares for the envelopes that are due."""
    tender = access.tender_for(tender_id)
    page = access.page_of(tender, gettext("Give my shares"))
    kind = _kind(page["stage"])
    form = RecoveryForm() if actor().may("tender:recover") and not actor().may("tender:open") else PassphraseForm()

    def post(database: Any) -> Any:
        here = _opened_here(form)
        if here is not None:
            shares = here.get(kind, {})
        else:
            identity = _identity(database, form.passphrase.data or "")
            shares = services.decrypt_shares(database, actor(), tender_id, kind, identity)
        note = form.note.data or "" if isinstance(form, RecoveryForm) else ""
        return services.post_opening_shares(database, actor(), clock(), tender_id, kind, shares, note=note)

    done = form.save(
        post, then=lambda _row: url_for("tender.opening", tender_id=tender_id), message=gettext("Your shares are in")
    )
    body = render_template("tender/passphrase.html", form=form, what="open", unlock=_unlock(tender, (kind,)), **page)
    return done or (body, form.status)


@bp.route("/<int:tender_id>/opening/reveal", methods=["GET", "POST"])
@allow("tender:publish")
def ask_to_reveal(tender_id: int) -> Any:
    """Ask a second person to let the bidders re-reveal, because neither officers nor recovery holders can open."""
    tender = access.tender_for(tender_id)
    form = RevealForm()
    done = form.save(
        lambda database: services.request_reveal(database, actor(), clock(), tender_id, form.reason.data or ""),
        then=lambda _approval: url_for("tender.opening", tender_id=tender_id),
        message=gettext("A second person must approve now"),
    )
    page = access.page_of(tender, gettext("Let bidders re-reveal"))
    return done or (render_template("tender/reveal.html", form=form, **page), form.status)


def may_ask_to_reveal(tender: Tender) -> bool:
    """Whether the acting person may take the last rung now."""
    standing = services.stage_of(tender, now())
    late = tender.deadline is not None and now() >= may_open_from(tender.deadline, tender.grace_minutes)
    due = standing is Stage.PRICE_OPENING or (standing is Stage.SEALED and late)
    return due and actor().may("tender:publish") and actor().organisation_id == tender.purchaser_id


@bp.post("/<int:tender_id>/opening")
@allow("tender:give_shares", fresh=True)
def open_now(tender_id: int) -> Any:
    """Rebuild the key and open the envelopes that are due."""
    kind = _kind(services.stage_of(access.tender_for(tender_id), now()))
    return perform(
        lambda database: services.open_envelopes(database, actor(), clock(), tender_id, kind),
        then=lambda _row: url_for("tender.opening", tender_id=tender_id),
        message=gettext("The envelopes are open; the record is issued"),
    )
