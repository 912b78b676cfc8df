"""Pages about the law the house runs on: policy packs, what was in force on a day, clauses, the working calendar."""

from flask import Blueprint, render_template, request

from core.web.access import allow

bp = Blueprint("policy", __name__)


@bp.get("/policies")
@allow("policy:view")
def index() -> str:
    """All policy packs."""
    return render_template("policy/index.html")


@bp.get("/clauses")
@allow("policy:view")
def clause() -> str:
    """The words of the clause named in `ref`."""
    return render_template("policy/clause.html", ref=request.args.get("ref", ""))
