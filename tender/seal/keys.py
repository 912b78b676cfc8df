"""The private key of a tender exists only as shares: split for every k officers, each share sealed to its officer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from secrets import token_bytes

import pyrage

from tender.seal.envelope import EnvelopeFault, open_envelope, seal_envelope


@dataclass(frozen=True)
class Share:
    """One officer's share within one subset, sealed to that officer.

    share_sha256 refuses a wrong share by hash; proof_sha256 is met by a random proof sealed beside the share, so an
    officer can show that the share opens without giving it away.
    """

    subset: str
    officer: int
    ciphertext: bytes
    share_sha256: str
    proof_sha256: str


@dataclass(frozen=True)
class SplitKey:
    """A fresh tender key after the ceremony: the public half, and the shares; the private half is gone."""

    recipient: str
    shares: tuple[Share, ...]


def new_identity() -> str:
    """A fresh age identity ('AGE-SECRET-KEY-1…')."""
    return str(pyrage.x25519.Identity.generate())


def recipient_of(identity: str) -> str:
    """The public half of an identity. Raises EnvelopeFault for text that is no identity."""
    try:
        return str(pyrage.x25519.Identity.from_str(identity).to_public())
    except pyrage.IdentityError as fault:
        raise EnvelopeFault("this is not an age identity (AGE-SECRET-KEY-1…)") from fault


def check_recipient(recipient: str) -> None:
    """Raise EnvelopeFault for text that is no age recipient."""
    try:
        pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as fault:
        raise EnvelopeFault("this is not an age recipient (age1…)") from fault


def fingerprint(recipient: str) -> str:
    """SHA-256 of a recipient, hex: what the notice prints and a bidder compares."""
    return sha256(recipient.encode()).hexdigest()


def subsets(officers: Sequence[int], quorum: int, recovery: Sequence[int] = ()) -> dict[str, tuple[int, ...]]:
    """The groups that can open together, by name: every k officers ('3-7'), and the recovery holders ('R9-11')."""
    groups = {"-".join(map(str, group)): group for group in combinations(sorted(officers), quorum)}
    if recovery:
        groups["R" + "-".join(map(str, sorted(recovery)))] = tuple(sorted(recovery))
    return groups


def split_identity(recipients: Mapping[int, str], quorum: int, recovery: Mapping[int, str] | None = None) -> SplitKey:
    """Make a fresh key and split it; recipients and recovery: officer key number → its age recipient."""
    identity = new_identity()
    everyone = {**recipients, **(recovery or {})}
    shares = []
    for name, group in subsets(list(recipients), quorum, list(recovery or {})).items():
        for officer, part in zip(group, _xor_split(identity.encode(), len(group)), strict=True):
            shares.append(_sealed(name, officer, part, everyone[officer]))
    return SplitKey(recipient_of(identity), tuple(shares))


def _xor_split(secret: bytes, parts: int) -> list[bytes]:
    masks = [token_bytes(len(secret)) for _ in range(parts - 1)]
    return [*masks, _xor([secret, *masks])]


def _xor(values: Sequence[bytes]) -> bytes:
    total = bytearray(len(values[0]))
    for value in values:
        for index, byte in enumerate(value):
            total[index] ^= byte
    return bytes(total)


def _sealed(subset: str, officer: int, part: bytes, recipient: str) -> Share:
    proof = token_bytes(32)
    content = json.dumps({"share": part.hex(), "proof": proof.hex()}).encode()
    return Share(
        subset, officer, seal_envelope(content, recipient), sha256(part).hexdigest(), sha256(proof).hexdigest()
    )


def open_share(ciphertext: bytes, identity: str) -> tuple[str, str]:
    """An officer's share and its proof, both hex. Raises EnvelopeFault where the identity does not fit."""
    content = json.loads(open_envelope(ciphertext, identity))
    return content["share"], content["proof"]


def join(shares: Sequence[str]) -> str:
    """Rebuild an identity from the shares (hex) of one whole subset; compare its public half before using it."""
    return _xor([bytes.fromhex(share) for share in shares]).decode("ascii", "replace")


def wrap(identity: str, passphrase: str) -> bytes:
    """An identity encrypted under a passphrase (age scrypt), for keeping on the server at the officer's choice."""
    return pyrage.passphrase.encrypt(identity.encode(), passphrase)


def unwrap(wrapped: bytes, passphrase: str) -> str:
    """The identity under a passphrase. Raises EnvelopeFault for a wrong one.

    age refuses a key that would take this machine too long, and measures that at each try: on a busy machine one
    measurement can be far off, so it is asked again before the officer is turned away at an opening.
    """
    for _attempt in range(TRIES):
        try:
            return pyrage.passphrase.decrypt(wrapped, passphrase).decode()
        except pyrage.DecryptError as fault:
            if "work" not in str(fault):
                raise EnvelopeFault("the passphrase does not open this key") from fault
    raise EnvelopeFault("the machine is too busy to open this key: try again")


def check_locked(wrapped: bytes) -> None:
    """Raise EnvelopeFault for what is no small age file under a passphrase; the passphrase itself nobody knows here."""
    if len(wrapped) > LONGEST_LOCKED or not wrapped.startswith(b"age-encryption.org/v1\n-> scrypt "):
        raise EnvelopeFault("this is not a key locked by a passphrase")


#: A locked identity has some 260 bytes; nothing much larger is one.
LONGEST_LOCKED = 4096
#: How often a busy machine is asked again.
TRIES = 6
