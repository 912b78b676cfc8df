"""How the web is served: two processes of eight threads, behind a proxy in production, on this machine only."""

from typing import Any

from core.config import read
from core.documents import check_machine

bind = f"127.0.0.1:{read().port}"
workers = 2
threads = 8
#: A bid of 300 MB on a slow line needs minutes; threads make a slow upload cost one thread, not the worker.
timeout = 300
graceful_timeout = 10
#: Only the proxy on this machine may say what the visitor's address and scheme are.
forwarded_allow_ips = "127.0.0.1"
worker_tmp_dir = "/dev/shm"  # noqa: S108  (gunicorn's heartbeat file; a slow disk must not look like a dead worker)
#: The application is built once and then forked, which halves the start.
preload_app = True


def on_starting(_server: Any) -> None:
    """Refuse to serve from a machine whose papers would be slow or look different; the words name the packages."""
    check_machine()


def pre_fork(server: Any, _worker: Any) -> None:
    """Close what the parent has open before each fork.

    A worker that inherits an open SQLite file believes it holds the parent's locks; in WAL mode another process may
    then take itself for the last one and remove the journal under it.
    """
    server.app.wsgi().extensions["house"].db.engine.dispose()
