"""The room's one blueprint; importing a page module hangs its routes on it."""

from flask import Blueprint

bp = Blueprint("settlement", __name__, url_prefix="/settlement")
