"""Pages about the law the house runs on: packs, what was in force on a day, the words of clauses, the calendar."""

from core.web.policy import calendar_views, limit_views  # noqa: F401  (they add their routes to the blueprint)
from core.web.policy.views import bp

__all__ = ["bp"]
