"""Pages of identity: one's own account, and the administration of accounts and roles."""

from flask import Blueprint

bp = Blueprint("identity", __name__)

from core.identity.views import account, users  # noqa: E402, F401  (they add their routes to the blueprint above)
