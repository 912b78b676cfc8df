"""The room's one blueprint; importing a page module hangs its routes on it."""

from flask import Blueprint

bp = Blueprint("contracts", __name__, url_prefix="/contracts")
