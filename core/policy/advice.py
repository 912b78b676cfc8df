"""What rooms have to say about a sharing rule that is in order: `flask policy check` and the policy page print it.

The ground reads and checks rules; what a rule leads to is known further up the house. A room adds an adviser when it is
imported.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.policy.model import SharingRule
from core.policy.pack import PolicyView

#: Each gives sentences in English about a rule.
advisers: list[Callable[[SharingRule], Sequence[str]]] = []


@dataclass(frozen=True)
class Panel:
    """A section that a room adds to the page of a pack: its anchor, its title in the reader's language, its markup."""

    name: str
    title: Any
    body: Any


#: Each gives the section for a pack on a day, or None where it has nothing to say.
panels: list[Callable[[PolicyView], Panel | None]] = []
