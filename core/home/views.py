"""The desk page: the heading says the state, what is due comes soonest first, what is blocked says why."""

from flask import Blueprint, render_template

from core.calendar import china
from core.clock import local_date
from core.home.gather import gather
from core.web import actor, allow, now, session

bp = Blueprint("home", __name__)


@bp.get("/desk")
@allow("home:view")
def index() -> str:
    """What is due and what is blocked for this person."""
    at = now()
    worked = china().is_working_day(local_date(at))
    return render_template("home/index.html", desk=gather(session(), actor(), at), worked=worked)
