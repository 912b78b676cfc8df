"""Who takes part in a process, with the roles they have in that process and in no other."""

from typing import Any

from core.identity.models import Organisation

#: 统一社会信用代码, the identifier of Chinese organisations.
SCHEME = "CN-USCC"


class Parties:
    """The organisations of one process in the order they appear."""

    def __init__(self) -> None:
        self._found: dict[int | None, tuple[Organisation, list[str]]] = {}

    def add(self, office: Organisation, *roles: str) -> None:
        """Let an organisation take part in these roles, beside those it has."""
        _, known = self._found.setdefault(office.id, (office, []))
        known.extend(role for role in roles if role not in known)

    def listed(self) -> list[dict[str, Any]]:
        """The parties as OCDS lists them."""
        return [
            {
                "id": self.key(office),
                "name": office.name,
                "identifier": self._identifier(office),
                "roles": list(roles),
            }
            for office, roles in self._found.values()
        ]

    def reference(self, office: Organisation) -> dict[str, str]:
        """How other places name the party."""
        return {"id": self.key(office), "name": office.name}

    @staticmethod
    def key(office: Organisation) -> str:
        """The party's identifier inside the data: its credit code, or its number in this house."""
        return f"{SCHEME}-{office.credit_code}" if office.credit_code else f"org-{office.id}"

    @staticmethod
    def _identifier(office: Organisation) -> dict[str, str]:
        if office.credit_code:
            return {"scheme": SCHEME, "id": office.credit_code, "legalName": office.name}
        return {"legalName": office.name}
