"""What Flask-Security reads and writes: it reads accounts through this store and writes only through our services."""

from typing import Any

from flask_security.datastore import SQLAlchemySessionUserDatastore
from sqlalchemy import select

from core.db import transaction
from core.house import House
from core.identity import services
from core.identity.models import RoleGrant, User


class Datastore(SQLAlchemySessionUserDatastore):
    """Flask-Security's user store on the house's session; every change is a service with its own transaction."""

    def __init__(self, house: House) -> None:
        super().__init__(house.db.scoped, User, RoleGrant)
        self.house = house

    def find_user(self, case_insensitive: bool = False, **query: Any) -> User | None:
        """The account with these column values, or None."""
        return self.house.db.session.scalars(select(User).filter_by(**query)).one_or_none()

    def tf_set(
        self, user: Any, primary_method: str, totp_secret: str | None = None, phone: str | None = None
    ) -> None:
        """Store an authenticator; nothing to do when it is the one already stored (at every login)."""
        if (user.tf_primary_method, user.tf_totp_secret) == (primary_method, totp_secret):
            return
        actor, session = user.as_actor(), self.house.db.session
        with transaction(session):
            services.set_second_factor(session, actor, self.house.clock, primary_method, totp_secret or "")

    def tf_reset(self, user: Any) -> None:
        """Forget the authenticator."""
        actor, session = user.as_actor(), self.house.db.session
        with transaction(session):
            services.remove_second_factor(session, actor, self.house.clock)

    def mf_set_recovery_codes(self, user: Any, rcs: list[str] | None) -> None:
        """Store new recovery codes (encrypted by the caller)."""
        actor, session = user.as_actor(), self.house.db.session
        with transaction(session):
            services.set_recovery_codes(session, actor, self.house.clock, rcs or [])

    def mf_delete_recovery_code(self, user: Any, idx: int) -> bool:
        """Use up a recovery code."""
        actor, session = user.as_actor(), self.house.db.session
        with transaction(session):
            return services.use_recovery_code(session, actor, self.house.clock, idx)

    def put(self, model: Any) -> Any:
        """Refuse: a change that reaches this point would pass by the services, their lock and their audit event."""
        raise RuntimeError(f"Flask-Security wants to write a {type(model).__name__}; services are the only writers")

    def commit(self) -> None:
        """Nothing is left to commit: every service above has committed its own transaction."""
