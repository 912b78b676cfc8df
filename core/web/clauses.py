"""Where a clause named on a page can be read: its link, and the text shown for it."""

from typing import Any

from flask import Flask, url_for


def clause_text(clause: Any) -> str:
    """How a clause is cited: a string as it is, a pack's clause as document and article; '' for none."""
    return str(clause) if clause else ""


def clause_url(clause: Any) -> str:
    """The page that shows the words of the clause."""
    return url_for("policy.clause", ref=clause_text(clause))


def init_app(app: Flask) -> None:
    """Give templates the two functions above."""
    app.jinja_env.globals.update(clause_text=clause_text, clause_url=clause_url)
