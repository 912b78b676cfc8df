"""Signed receipts and certificates: canonical JSON (RFC 8785) under Ed25519, verifiable offline by anybody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one spelling of a receipt that is signed."""
    return rfc8785.dumps(dict(value))


@dataclass(frozen=True)
class Signed:
    """A statement and its signature; `as_file` is what a bidder downloads."""

    statement: bytes
    signature: bytes

    def as_file(self) -> bytes:
        """One JSON file with the statement as text (kept byte for byte) and the signature in hex."""
        content = {"statement": self.statement.decode(), "signature": self.signature.hex()}
        return json.dumps(content, ensure_ascii=False, indent=2).encode()


class Signer:
    """The house's receipt key, from 32 secret bytes; its public half is printed in every tender notice."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, statement: Mapping[str, Any]) -> Signed:
        """Sign a statement; the public key goes into it, so that the file can be checked by itself."""
        content = canonical({**statement, "key": self.public})
        return Signed(content, self._key.sign(content))


def verify_receipt(file: bytes, public_key: str | None = None) -> dict[str, Any]:
    """The statement of a receipt file whose signature holds.

    public_key: the key the tender notice prints; without it only the file's own key is checked.
    Raises ValueError for a forged, changed or unreadable file.
    """
    try:
        content = json.loads(file)
        statement, signature = content["statement"].encode(), bytes.fromhex(content["signature"])
        claims: dict[str, Any] = json.loads(statement)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key or claims["key"]))
        key.verify(signature, statement)
    except InvalidSignature:
        raise ValueError("the signature does not hold: the receipt was changed or is not from this house") from None
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise ValueError("this is not a receipt file") from fault
    return claims
