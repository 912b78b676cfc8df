"""The stage door of a served demonstration: accounts to try, what there is to do, and a clock that moves forward."""

from datetime import datetime
from typing import Any, cast

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlmodel import Session
from wtforms.validators import InputRequired

from core.identity.labels import role_names
from core.identity.services import carry_sessions
from core.web import Form, clock, house, public
from core.web.forms import InstantField
from demonstration.people import listed
from demonstration.story import StoryClock

bp = Blueprint("demonstration", __name__, url_prefix="/demonstration")


class ClockForm(Form):
    """Where the clock shall stand."""

    moment = InstantField(
        lazy_gettext("Move the clock to"),
        [InputRequired()],
        description=lazy_gettext("Beijing time; only forward. Deadlines, openings and limits follow at once."),
    )


@bp.route("/", methods=["GET", "POST"])
@public
def index() -> Any:
    """Who can be tried, and where the clock stands."""
    form = ClockForm()
    done = form.save(
        lambda session: _move(session, cast(datetime, form.moment.data)),
        then=lambda _result: url_for(".index"),
        message=_("The clock was moved"),
    )
    people = listed()
    offices = {entry["key"]: entry for entry in people["organisation"]}
    page = render_template(
        "demonstration/index.html",
        form=form,
        people=people,
        offices=offices,
        role_names=role_names,
        movable=isinstance(house().clock, StoryClock),
    )
    return done or (page, form.status)


def _move(session: Session, moment: datetime) -> None:
    """Move the clock on; whoever is signed in stays so, because nobody sat idle in the time that was skipped."""
    before = clock().now()
    cast(StoryClock, clock()).move_to(moment)
    carry_sessions(session, before, clock().now())
