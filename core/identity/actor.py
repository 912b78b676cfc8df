"""The acting person as services see them: who, for which organisation, in which roles."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tomllib import loads

from core.errors import Forbidden, N_

#: The permission matrix is data that a department can read: permission → the roles that hold it.
MATRIX = Path(__file__).parents[2] / "policies" / "permissions.toml"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who performs a verb. `user_id` is 0 for the system itself; an insurer's people act only for it."""

    user_id: int
    name: str
    organisation_id: int | None
    organisation_kind: str
    roles: frozenset[str]

    def may(self, permission: str) -> bool:
        """Whether one of the actor's roles holds the permission. Raises KeyError for a permission nobody defined."""
        return bool(permissions()[permission] & self.roles)

    @property
    def is_insurer(self) -> bool:
        return self.organisation_kind == "insurer"


SYSTEM = Actor(0, "系统", None, "system", frozenset({"system"}))
GUEST = Actor(0, "访客", None, "public", frozenset({"public"}))


@cache
def permissions() -> dict[str, frozenset[str]]:
    """Every permission of the house and the roles that hold it, read from policies/permissions.toml."""
    matrix = loads(MATRIX.read_text("utf-8"))
    return {
        f"{room}:{verb}": frozenset(roles) | {"system"}
        for room, verbs in matrix.items()
        if room != "roles"
        for verb, roles in verbs.items()
    }


@cache
def roles_of_kind(organisation_kind: str) -> frozenset[str]:
    """The roles that people of such an organisation can hold. Raises KeyError for a kind without a line in [roles]."""
    return frozenset(loads(MATRIX.read_text("utf-8"))["roles"][organisation_kind])


def require(actor: Actor, permission: str) -> None:
    """Raise Forbidden unless the actor holds the permission."""
    if not actor.may(permission):
        raise Forbidden(N_("Your roles do not allow this: %(permission)s"), permission=permission)
