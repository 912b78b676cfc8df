"""The web shell: who may call a page, forms and lists, errors, headers, language and navigation, one way each."""

from core.web.access import accepts, allow, public, unseen
from core.web.acts import perform
from core.web.context import actor, clock, house, now, session
from core.web.forms import Form
from core.web.tables import Action, Chip, Column, Filter, Table, listing

__all__ = [
    "Action",
    "Chip",
    "Column",
    "Filter",
    "Form",
    "Table",
    "accepts",
    "actor",
    "allow",
    "clock",
    "house",
    "listing",
    "now",
    "perform",
    "public",
    "session",
    "unseen",
]
