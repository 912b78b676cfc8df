"""Uploads in pieces, for the bid page's script and for curl: begin, where to go on, the next piece, finish; in JSON."""

from collections.abc import Callable
from typing import Any

from flask import jsonify, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from core.errors import ChengbanError, Invalid, N_, NotFound
from core.uploads import OutOfStep
from core.web import accepts, actor, allow, clock, perform, session, unseen
from core.web.errors import explain
from core.web.forms import CountField, Form
from tender import services
from tender.models import EnvelopeKind
from tender.services.uploading import PIECE, arrived, draft_of
from tender.views import access
from tender.views.bidding import lot_of
from tender.views.blueprint import bp


class BeginForm(Form):
    """What a bidder announces of an envelope."""

    size = CountField(lazy_gettext("Size in bytes"), [InputRequired()])
    sha256 = StringField(lazy_gettext("SHA-256 of the sealed file"), [InputRequired()])
    commitment = StringField(lazy_gettext("Commitment"), [InputRequired()])


def _in_json(answer: Callable[[], Any]) -> Any:
    """The answer, or a refusal that a program reads: its words, and where a piece has to begin."""
    try:
        return answer()
    except ChengbanError as refused:
        body: dict[str, Any] = {"error": explain(refused), "clause": refused.clause}
        if isinstance(refused, OutOfStep):
            body["offset"] = refused.offset
        return jsonify(body), refused.status


@bp.post("/opportunities/<int:tender_id>/bid/<int:position>/uploads/<kind>")
@unseen
@allow("tender:bid")
def begin_upload(tender_id: int, position: int, kind: str) -> Any:
    """Announce an envelope; leads to where the upload goes on. The same announcement resumes the same upload."""

    def begun() -> Any:
        if kind not in {member.value for member in EnvelopeKind}:
            raise NotFound(N_("There is no such envelope"))
        number = lot_of(access.published_tender(tender_id), position).id or 0
        form = BeginForm()
        if not form.validate():
            raise Invalid(N_("Give size, sha256 and commitment"))
        return perform(
            lambda database: services.begin_upload(
                database, actor(), clock(), number, EnvelopeKind(kind), size=form.size.data or 0,
                sha256=form.sha256.data or "", commitment=form.commitment.data or "",
            ),
            then=lambda draft: url_for("tender.upload_state", reference=draft.reference),
        )  # fmt: skip

    return _in_json(begun)


@bp.get("/uploads/<reference>")
@unseen
@allow("tender:bid")
def upload_state(reference: str) -> Any:
    """How many bytes have arrived: where the next piece begins."""

    def state() -> Response:
        draft = draft_of(session(), actor(), reference)
        url = url_for("tender.add_piece", reference=reference)
        return jsonify(offset=arrived(session(), draft), size=draft.size, piece=PIECE, url=url)

    return _in_json(state)


@bp.put("/uploads/<reference>")
@unseen
@allow("tender:bid")
@accepts(5)
def add_piece(reference: str) -> Any:
    """Take the next piece (the bare bytes, `?offset=N`); says where the one after it begins."""
    given = request.args.get("offset", "")
    offset = int(given) if given.isdecimal() and len(given) < 12 else 0
    return _in_json(
        lambda: jsonify(
            offset=services.add_piece(session(), actor(), clock(), reference, offset, request.get_data(cache=False))
        )
    )


@bp.post("/uploads/<reference>/finish")
@unseen
@allow("tender:bid")
def finish_upload(reference: str) -> Any:
    """Check the whole and keep it as the envelope; not yet a bid."""

    def finished() -> Any:
        perform(
            lambda database: services.finish_upload(database, actor(), clock(), reference), then=lambda _row: "/"
        )
        return jsonify(finished=True)

    return _in_json(finished)
