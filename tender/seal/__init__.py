"""seal/v1: containers, envelopes, split keys and signed receipts; no database, so that bidders run the same code."""

from tender.seal.container import Container, ContainerFault, File, build, commitment_of, read
from tender.seal.envelope import EnvelopeFault, check_sealed, open_envelope, seal_envelope
from tender.seal.keys import (
    Share,
    SplitKey,
    check_locked,
    fingerprint,
    join,
    new_identity,
    open_share,
    recipient_of,
    split_identity,
    subsets,
    unwrap,
    wrap,
)
from tender.seal.receipts import Signed, Signer, canonical, verify_receipt

__all__ = [
    "Container", "ContainerFault", "EnvelopeFault", "File", "Share", "Signed", "Signer", "SplitKey", "build",
    "canonical", "check_locked", "check_sealed", "commitment_of", "fingerprint", "join", "new_identity",
    "open_envelope", "open_share", "read", "recipient_of", "seal_envelope", "split_identity", "subsets", "unwrap",
    "verify_receipt", "wrap",
]  # fmt: skip
