"""A filing's package: letter, enclosures and their fingerprints in one ZIP, the same bytes for the same content."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from core.clock import local_time


@dataclass(frozen=True)
class PackedFile:
    """One file of a package: its name, what it is, its bytes."""

    name: str
    title: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The fingerprint of the bytes, hex."""
        return sha256(self.content).hexdigest()


def package(number: str, version: int, sent_at: datetime, files: Sequence[PackedFile]) -> bytes:
    """The files with manifest.json and SHA256SUMS; every entry is stamped with the instant of sending."""
    manifest = {
        "number": number,
        "version": version,
        "sent_at": local_time(sent_at).isoformat(),
        "files": [
            {"name": file.name, "title": file.title, "sha256": file.sha256, "size": len(file.content)} for file in files
        ],
    }
    listed = json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n"
    entries = [*((file.name, file.content) for file in files), ("manifest.json", listed)]
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in entries)
    out = io.BytesIO()
    moment = local_time(sent_at)
    stamp = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in (*entries, ("SHA256SUMS", sums.encode())):
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()
