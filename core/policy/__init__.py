"""Policy packs: dated rules of the papers as data, each value with its clause; see docs/policies.md."""

from core.policy.library import check_file, get, load, load_sharing_rule, packs, view
from core.policy.pack import Pack, PolicyView

__all__ = ["Pack", "PolicyView", "check_file", "get", "load", "load_sharing_rule", "packs", "view"]
