"""Builds the package from named contents: the same contents give the same bytes, whatever the day or the machine."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import rfc8785

from tender.seal import Signer

FORMAT = "chengban-tender-archive/1"
#: What must be kept (政府采购法第42条), in the statute's order; the key is the folder in the package.
KINDS = {
    "01-activity": "采购活动记录",
    "02-budget": "采购预算",
    "03-document": "招标文件",
    "04-bids": "投标文件",
    "05-criteria": "评标标准",
    "06-report": "评估报告",
    "07-award": "定标文件",
    "08-contract": "合同文本",
    "09-acceptance": "验收证明",
    "10-query": "质疑答复",
    "11-complaint": "投诉处理决定",
    "12-other": "其他有关文件、资料",
}
#: A ZIP cannot state an earlier day; a fixed one keeps the bytes the same.
_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Entry:
    """One file of the package: where it lies, its bytes, and which record it is."""

    path: str
    content: bytes


def pack(head: Mapping[str, Any], entries: Sequence[Entry], signer: Signer) -> bytes:
    """The ZIP: every entry, verify.py, the manifest and its signature. head: what the manifest says of the tender."""
    script = Path(__file__).with_name("verify.py").read_bytes()
    every = sorted([*entries, Entry("verify.py", script)], key=lambda entry: entry.path)
    manifest = rfc8785.dumps(
        {
            "format": FORMAT,
            **head,
            "kinds": KINDS,
            "files": [
                {"path": entry.path, "size": len(entry.content), "sha256": sha256(entry.content).hexdigest()}
                for entry in every
            ],
        }
    )
    signed = signer.sign({"type": "archive", "manifest_sha256": sha256(manifest).hexdigest()})
    whole = [*every, Entry("manifest.json", manifest), Entry("manifest.signature.json", signed.as_file())]
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for entry in sorted(whole, key=lambda entry: entry.path):
            info = zipfile.ZipInfo(entry.path, _DAY)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(info, entry.content)
    return out.getvalue()
