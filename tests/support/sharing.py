"""How pytest's workers share the tests: one by one, but folders whose tests share something costly stay together."""

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

#: What their tests share: a played case, two plays, papers that are laid out, what is parsed of the whole source.
TOGETHER = ("e2e", "demonstration", "documents", "conventions")


class ByFolder(LoadScopeScheduling):
    """xdist's own groups (`loadgroup`) rest on a field that pytest 9 no longer has; this needs the address only."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.split("/")[1]
        return folder if folder in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder:
    return ByFolder(config, log)
