"""The three blueprints of the room: the desk under /disclosure, the public portal at /, the API under /api/v1."""

from flask import Blueprint

bp = Blueprint("disclosure", __name__, url_prefix="/disclosure")
portal = Blueprint("portal", __name__)
api = Blueprint("api", __name__, url_prefix="/api/v1")
