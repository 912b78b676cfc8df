"""seal/v1 by itself: containers, envelopes, split keys and receipts."""

import json
from itertools import combinations

import pyrage
import pytest

from tender import seal

FILES = [seal.File("承办服务方案.pdf", b"%PDF-1.7"), seal.File("空.txt", b""), seal.File("长" * 255, b"x" * 70_000)]


def container() -> bytes:
    return seal.build("YSDB-2016-ZB-01", 1, "technical", FILES, salt=bytes(32))


def test_a_container_gives_back_its_files() -> None:
    held = seal.read(container())
    assert (held.tender, held.lot, held.envelope, held.files) == ("YSDB-2016-ZB-01", 1, "technical", tuple(FILES))


@pytest.mark.parametrize(
    "broken",
    [b"", b"%PDF-1.7", b"seal/v1\n{}\n", container()[:-1], container() + b"x", container().replace(b"x", b"y")],
    ids=["nothing", "a PDF", "an empty manifest", "cut off", "too long", "changed"],
)
def test_a_container_that_is_not_whole_is_refused(broken: bytes) -> None:
    with pytest.raises(seal.ContainerFault):
        seal.read(broken)


def test_the_commitment_hides_equal_bids_and_binds_each() -> None:
    one, two = seal.build("T", 1, "price", FILES), seal.build("T", 1, "price", FILES)
    assert seal.commitment_of(one) != seal.commitment_of(two)
    assert seal.commitment_of(one) == seal.commitment_of(one)


def test_every_quorum_opens_and_nobody_less() -> None:
    identities = {number: seal.new_identity() for number in (3, 5, 7)}
    recipients = {number: seal.recipient_of(identity) for number, identity in identities.items()}
    split = seal.split_identity(recipients, 2)
    sealed = seal.seal_envelope(container(), split.recipient)
    shares = {
        (row.subset, row.officer): seal.open_share(row.ciphertext, identities[row.officer])[0] for row in split.shares
    }
    for pair in combinations((3, 5, 7), 2):
        name = "-".join(map(str, pair))
        identity = seal.join([shares[name, officer] for officer in pair])
        assert seal.recipient_of(identity) == split.recipient
        assert seal.open_envelope(sealed, identity) == container()
    with pytest.raises(seal.EnvelopeFault):
        seal.recipient_of(seal.join([shares["3-5", 3]]))


def test_recovery_holders_open_only_together() -> None:
    identities = {number: seal.new_identity() for number in (1, 2, 3, 8, 9)}
    recipients = {number: seal.recipient_of(identity) for number, identity in identities.items()}
    split = seal.split_identity({n: recipients[n] for n in (1, 2, 3)}, 2, {n: recipients[n] for n in (8, 9)})
    recovery = [row for row in split.shares if row.subset == "R8-9"]
    parts = [seal.open_share(row.ciphertext, identities[row.officer])[0] for row in recovery]
    assert seal.recipient_of(seal.join(parts)) == split.recipient


def test_what_stock_age_seals_is_taken_and_a_passphrase_is_not() -> None:
    identity = pyrage.x25519.Identity.generate()
    seal.check_sealed(pyrage.encrypt(container(), [identity.to_public()]))
    with pytest.raises(seal.EnvelopeFault, match="only X25519"):
        seal.check_sealed(pyrage.passphrase.encrypt(b"x", "secret"))


def test_a_cut_envelope_gives_no_part_of_its_content() -> None:
    identity = seal.new_identity()
    sealed = seal.seal_envelope(container(), seal.recipient_of(identity))
    with pytest.raises(seal.EnvelopeFault):
        seal.open_envelope(sealed[:-100], identity)


def test_a_wrapped_identity_needs_its_passphrase() -> None:
    identity = seal.new_identity()
    wrapped = seal.wrap(identity, "correct horse battery")
    assert seal.unwrap(wrapped, "correct horse battery") == identity
    with pytest.raises(seal.EnvelopeFault):
        seal.unwrap(wrapped, "another passphrase")


def test_a_receipt_holds_only_under_the_houses_key() -> None:
    house, forger = seal.Signer(b"h" * 32), seal.Signer(b"f" * 32)
    genuine, forged = (signer.sign({"tender": "演示", "lot": 1}).as_file() for signer in (house, forger))
    assert seal.verify_receipt(genuine, house.public)["tender"] == "演示"
    with pytest.raises(ValueError, match="does not hold"):
        seal.verify_receipt(forged, house.public)
    with pytest.raises(ValueError, match="not a receipt"):
        seal.verify_receipt(json.dumps({"a": 1}).encode())
