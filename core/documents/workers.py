"""Many documents: a small pool of worker processes and a cache by content, so that nothing is laid out twice."""

import atexit
import gc
import hashlib
import json
import os
import resource
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from core.documents.render import Attachment, RenderedDocument, design_version, render
from core.documents.values import canonical, plain

WORKERS = 2
#: WeasyPrint keeps memory with the process; a worker is replaced after this many documents.
DOCUMENTS_PER_WORKER = 100
#: Address space of a worker, in bytes; a hundred-page report takes about a third of it.
MEMORY_PER_WORKER = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One document to render; the fields are the arguments of `render`."""

    name: str
    context: Mapping[str, Any]
    issued_at: datetime
    demonstration: bool
    attachments: Sequence[Attachment] = ()

    def key(self) -> str:
        """What the finished document depends on: inputs, attachments, templates, assets and the engine's version."""
        inputs = [self.name, plain(self.context), self.issued_at, self.demonstration]
        digest = hashlib.sha256(design_version().encode() + canonical(inputs))
        for attachment in self.attachments:
            digest.update(repr((attachment.name, attachment.description, attachment.relationship)).encode())
            digest.update(hashlib.sha256(attachment.content).digest())
        return digest.hexdigest()

    def render(self) -> RenderedDocument:
        """Render it in this process."""
        return render(
            self.name,
            self.context,
            issued_at=self.issued_at,
            attachments=self.attachments,
            demonstration=self.demonstration,
        )


class _Cache:
    """Where finished documents are kept by what they depend on; None keeps nothing."""

    folder: Path | None = None


def use_cache(folder: Path | None) -> None:
    """Keep finished documents in this folder (a subfolder of the data folder); the result is the same without it."""
    _Cache.folder = folder


def render_cached(job: RenderJob) -> RenderedDocument:
    """One document, from the cache or rendered in this process."""
    return _cached(job.key()) or _keep(job.key(), job.render())


def render_many(jobs: Sequence[RenderJob]) -> list[RenderedDocument]:
    """The documents of all jobs, in their order, rendered side by side in worker processes; cached ones are read.

    Raises what `render` raises, for the first job that fails.
    """
    keys = [job.key() for job in jobs]
    done = {key: found for key in keys if (found := _cached(key)) is not None}
    missing = {key: job for key, job in zip(keys, jobs, strict=True) if key not in done}
    for key, document in zip(missing, _pool().map(_work, missing.values()) if missing else (), strict=True):
        done[key] = _keep(key, document)
    return [done[key] for key in keys]


@cache
def _pool() -> ProcessPoolExecutor:
    # Spawned, not forked: Pango's and SQLite's state must not be shared with a threaded parent.
    pool = ProcessPoolExecutor(
        WORKERS, mp_context=get_context("spawn"), initializer=_prepare, max_tasks_per_child=DOCUMENTS_PER_WORKER
    )
    atexit.register(pool.shutdown, cancel_futures=True)
    return pool


def _prepare() -> None:
    """Runs once in a worker: garbage waits for the end of a document, and a runaway layout cannot take the machine."""
    gc.disable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_PER_WORKER, MEMORY_PER_WORKER))


def _work(job: RenderJob) -> RenderedDocument:
    """Runs in a worker, which collects garbage between documents."""
    try:
        return job.render()
    finally:
        gc.collect()


def _cached(key: str) -> RenderedDocument | None:
    if _Cache.folder is None:
        return None
    path = _Cache.folder / key[:2] / key
    try:
        pdf, facts = path.with_suffix(".pdf").read_bytes(), json.loads(path.with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return None
    return RenderedDocument(pdf=pdf, **facts) if hashlib.sha256(pdf).hexdigest() == facts["sha256"] else None


def _keep(key: str, document: RenderedDocument) -> RenderedDocument:
    if _Cache.folder is not None:
        path = _Cache.folder / key[:2] / key
        facts = {field.name: getattr(document, field.name) for field in fields(document) if field.name != "pdf"}
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path.with_suffix(".pdf"), document.pdf)
        _replace(path.with_suffix(".json"), json.dumps(facts, ensure_ascii=False).encode())
    return document


def _replace(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.replace(file.name, path)
