"""Checks an archive of a tender alone: Python's own library and `cryptography`, no network, no other program.

Usage: python verify.py [ARCHIVE.zip or folder] — without an argument the folder this file lies in.
Checks: every file against the manifest, the manifest's signature, every receipt's signature and that its sealed bids
are these, that every opened bid is what was committed to, the state fixed at the deadline, the disclosed entries of
the sealed log, and the chain of the audit log from the first event of the tender to the last.
"""

import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

#: The files of a package: path → bytes.
Contents = Mapping[str, bytes]

#: The file that says what the package is, with its signature beside it.
MANIFEST, SIGNATURE = "manifest.json", "manifest.signature.json"


def faults(contents: Contents) -> list[str]:
    """What is wrong with a package, one line a fault that names the file."""
    found = list(_files(contents))
    if MANIFEST not in contents or found:
        return found
    for check in (_manifest, _receipts, _commitments, _closing, _sealed, _chain):
        try:
            found += check(contents)
        except (KeyError, ValueError, TypeError, IndexError) as fault:
            found.append(f"{check.__name__.strip('_')}: cannot be read ({fault})")
    return found


def _files(contents: Contents) -> Iterator[str]:
    if MANIFEST not in contents:
        yield f"{MANIFEST}: is missing"
        return
    try:
        known = {entry["path"]: entry for entry in json.loads(contents[MANIFEST])["files"]}
    except (ValueError, KeyError, TypeError):
        yield f"{MANIFEST}: cannot be read"
        return
    for path, entry in known.items():
        if path not in contents:
            yield f"{path}: is missing"
        elif sha256(contents[path]).hexdigest() != entry["sha256"]:
            yield f"{path}: was changed"
    for path in sorted(set(contents) - set(known) - {MANIFEST, SIGNATURE}):
        yield f"{path}: is not in the manifest"


def _signed(file: bytes, name: str, key: str | None = None) -> tuple[dict[str, Any], str | None]:
    """The statement of a signed file, or a fault. key: the hex public key it must be signed with."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    held = json.loads(file)
    claims = json.loads(held["statement"])
    if key is not None and claims["key"] != key:
        return claims, f"{name}: is signed with another key"
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(claims["key"]))
        public.verify(bytes.fromhex(held["signature"]), held["statement"].encode())
    except InvalidSignature:
        return claims, f"{name}: the signature does not hold"
    return claims, None


def house_key(contents: Contents) -> str:
    """The public key of the house, as the package states it; compare it with the printed tender notice."""
    key: str = json.loads(contents["keys.json"])["receipts"]
    return key


def _manifest(contents: Contents) -> list[str]:
    if SIGNATURE not in contents:
        return [f"{SIGNATURE}: is missing"]
    claims, fault = _signed(contents[SIGNATURE], SIGNATURE, house_key(contents))
    if fault:
        return [fault]
    if claims["manifest_sha256"] != sha256(contents[MANIFEST]).hexdigest():
        return [f"{MANIFEST}: was changed"]
    return []


def _receipts(contents: Contents) -> list[str]:
    found: list[str] = []
    key = house_key(contents)
    for path in sorted(path for path in contents if path.startswith(("04-bids/receipts/", "04-bids/refused/"))):
        claims, fault = _signed(contents[path], path, key)
        if fault:
            found.append(fault)
    for bid in json.loads(contents["04-bids/bids.json"]):
        for envelope in bid["envelopes"]:
            name = envelope["sealed"]
            if name and sha256(contents[name]).hexdigest() != envelope["ciphertext_sha256"]:
                found.append(f"{name}: is not the sealed bid of the receipt")
            if envelope["receipt"] and envelope["ciphertext_sha256"] not in contents[envelope["receipt"]].decode():
                found.append(f"{envelope['receipt']}: names another sealed bid")
    return found


def _commitments(contents: Contents) -> list[str]:
    found = []
    for bid in json.loads(contents["04-bids/bids.json"]):
        for envelope in bid["envelopes"]:
            name = envelope["opened"]
            if name and commitment_of(contents[name]) != envelope["commitment"]:
                found.append(f"{name}: is not what was committed to")
    return found


def commitment_of(container: bytes) -> str:
    """SHA-256('seal/v1' ⏎ tender ⏎ envelope ⏎ salt ‖ SHA-256(container)), hex."""
    manifest = json.loads(container.split(b"\n", 2)[1])
    head = f"seal/v1\n{manifest['tender']}\n{manifest['envelope']}\n".encode()
    return sha256(head + bytes.fromhex(manifest["salt"]) + sha256(container).digest()).hexdigest()


def _closing(contents: Contents) -> list[str]:
    closing = json.loads(contents["01-activity/closing.json"])
    if not closing["hash"]:
        return []
    counted = sorted(closing["ciphertexts"])
    if sha256((closing["nonce"] + "".join(counted)).encode()).hexdigest() != closing["hash"]:
        return ["01-activity/closing.json: the sealed state of the deadline was another one"]
    return []


def _sealed(contents: Contents) -> list[str]:
    found, name = [], "01-activity/sealed-events.json"
    hidden = {}
    for event in _events(contents):
        body = json.loads(event["body"])
        if body["action"] == "tender:sealed:event":
            hidden[body["object"][1]] = body["detail"]["hash"]
    for event in json.loads(contents[name]):
        if hidden.get(event["reference"]) != sha256((event["salt"] + event["body"]).encode()).hexdigest():
            found.append(f"{name}: entry {event['reference']} is not what the log holds")
    return found


def _events(contents: Contents) -> list[dict[str, Any]]:
    return [json.loads(line) for line in contents["01-activity/audit-events.jsonl"].splitlines()]


def _chain(contents: Contents) -> list[str]:
    """Each event's hash follows from the one before it; between them the log's own hashes stand."""
    found, name = [], "01-activity/audit-events.jsonl"
    lines = contents["01-activity/audit-hashes.txt"].decode().split()
    first = int(lines[0]) if lines else 0
    hashes = {first + number: line for number, line in enumerate(lines[1:])}
    for event in _events(contents):
        position = event["position"]
        follows = sha256(bytes.fromhex(hashes[position - 1]) + event["body"].encode()).hexdigest()
        if follows != hashes[position]:
            found.append(f"{name}: event {position} was changed")
    return found


def read(place: str | Path | BytesIO) -> dict[str, bytes]:
    """Every file of a ZIP or a folder: path → bytes."""
    if zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    folder = Path(str(place))
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name != "__pycache__")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def read_bytes(content: bytes) -> dict[str, bytes]:
    """Every file of a ZIP that is held in memory."""
    return read(BytesIO(content))


def main(arguments: list[str]) -> int:
    """Print what is wrong, or what the package is; the exit code says which."""
    contents = read(arguments[0] if arguments else Path(__file__).parent)
    found = faults(contents)
    for line in found:
        print(line)
    if not found:
        manifest = json.loads(contents[MANIFEST])
        print(f"whole: {manifest['tender']}, {len(manifest['files'])} files, kept until {manifest['keep_until']}")
        print(f"signed with {house_key(contents)}; compare it with the printed tender notice")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
