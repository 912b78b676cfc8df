"""One container sealed by stock age, by our command line and by our library opens to the same bytes (security A, S23).

What the browser seals is opened in tests/faults/test_broken_upload.py.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from flask import Flask

from tender import seal

AGE = shutil.which("age")


def by_library(container: bytes, recipient: str, _folder: Path) -> bytes:
    return seal.seal_envelope(container, recipient)


def by_stock_age(container: bytes, recipient: str, folder: Path) -> bytes:
    if AGE is None:
        pytest.skip("no age; `make test` installs it (Debian package age)")
    return subprocess.run([AGE, "-r", recipient], input=container, capture_output=True, check=True, cwd=folder).stdout


@pytest.mark.parametrize("sealed", [by_library, by_stock_age])
def test_what_any_tool_seals_is_taken_and_opens_the_same(
    sealed: Callable[[bytes, str, Path], bytes], tmp_path: Path
) -> None:
    identity = seal.new_identity()
    container = seal.build("T-1", 1, "technical", [seal.File("方案.pdf", bytes(200_000))])
    ciphertext = sealed(container, seal.recipient_of(identity), tmp_path)
    seal.check_sealed(ciphertext)
    assert seal.open_envelope(ciphertext, identity) == container


def test_stock_age_opens_what_the_command_line_seals(app: Flask, tmp_path: Path) -> None:
    if AGE is None:
        pytest.skip("no age; `make test` installs it (Debian package age)")
    identity = seal.new_identity()
    (tmp_path / "key").write_text(identity + "\n")
    offer = tmp_path / "方案.pdf"
    offer.write_bytes(b"%PDF-1.7 offer")
    words = ["seal", "pack", str(offer), "--tender", "T-1", "--lot", "1", "--envelope", "technical", "--recipient",
             seal.recipient_of(identity), "--out", str(tmp_path / "technical")]  # fmt: skip
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0, done.output
    command = [AGE, "--decrypt", "-i", str(tmp_path / "key"), str(tmp_path / "technical.age")]
    opened = subprocess.run(command, capture_output=True, check=True).stdout
    assert [(file.name, file.content) for file in seal.read(opened).files] == [("方案.pdf", b"%PDF-1.7 offer")]
    assert seal.commitment_of(opened) in done.output


def test_the_command_line_types_the_proofs_and_warns_of_missing_ones(app: Flask, tmp_path: Path) -> None:
    identity = seal.new_identity()
    report = tmp_path / "精算报告.pdf"
    report.write_bytes(b"%PDF-1.7 report")
    words = ["seal", "pack", str(report), "--tender", "T-1", "--lot", "1", "--envelope", "technical", "--recipient",
             seal.recipient_of(identity), "--out", str(tmp_path / "technical")]  # fmt: skip
    done = app.test_cli_runner().invoke(args=[*words, "--proof", f"actuarial_report={report}"])
    assert done.exit_code == 0, done.output
    assert "warning: no file is said to be legal_opinion" in done.stderr
    assert "hq_authorisation" not in done.stderr
    assert "hq_authorisation" in app.test_cli_runner().invoke(args=[*words, "--branch"]).stderr
    held = seal.read(seal.open_envelope((tmp_path / "technical.age").read_bytes(), identity))
    assert held.files[0].content == b"%PDF-1.7 report"
    for wrong in ("report=精算报告.pdf", "legal_opinion=other.pdf"):
        refused = app.test_cli_runner().invoke(args=[*words, "--proof", wrong])
        assert (refused.exit_code, "names no proof and file" in refused.output) == (1, True)


PACK = ["seal", "pack", "--tender", "T-1", "--lot", "1", "--envelope", "price"]


@pytest.mark.parametrize(
    ("words", "sheet", "warned"),
    [
        (["--price", "37.00"], {"price": "37.00", "price_in_words": "叁拾柒元整"}, ""),
        (["--price", "37.00", "--quantity", "6000000"],
         {"price": "37.00", "price_in_words": "叁拾柒元整", "quantity": "6000000", "total": "222000000.00",
          "total_in_words": "贰亿贰仟贰佰万元整"}, ""),
        (["--price", "370.00", "--quantity", "6000000", "--total", "222000000"],
         {"price": "370.00", "price_in_words": "叁佰柒拾元整", "quantity": "6000000", "total": "222000000.00",
          "total_in_words": "贰亿贰仟贰佰万元整"}, "第59条第（三）项"),
        (["--price", "222000000.00", "--price-object", "total_premium", "--quantity", "6000000", "--unit-price", "37"],
         {"price": "222000000.00", "price_in_words": "贰亿贰仟贰佰万元整", "quantity": "6000000", "unit_price": "37.00",
          "unit_price_in_words": "叁拾柒元整"}, ""),
    ],
)  # fmt: skip
def test_the_command_line_packs_unit_price_and_total(
    app: Flask, tmp_path: Path, words: list[str], sheet: dict[str, str], warned: str
) -> None:
    identity = seal.new_identity()
    command = [*PACK, "--recipient", seal.recipient_of(identity), "--out", str(tmp_path / "price")]
    done = app.test_cli_runner().invoke(args=[*command, *words])
    assert done.exit_code == 0, done.output
    held = seal.read(seal.open_envelope((tmp_path / "price.age").read_bytes(), identity))
    assert json.loads(held.file("price-sheet.json") or b"") == sheet
    assert warned in done.stderr
    assert ("corrected" in done.stderr) is bool(warned)


@pytest.mark.parametrize(
    "words",
    [["--unit-price", "37"], ["--total", "1.005"], ["--price-object", "fee_amount", "--quantity", "3"]],
)
def test_the_command_line_refuses_what_stands_beside_no_such_price(
    app: Flask, tmp_path: Path, words: list[str]
) -> None:
    recipient = seal.recipient_of(seal.new_identity())
    command = [*PACK, "--recipient", recipient, "--out", str(tmp_path / "price"), "--price", "37.00", *words]
    assert app.test_cli_runner().invoke(args=command).exit_code == 1
    assert not (tmp_path / "price.age").exists()


def test_a_passphrase_envelope_of_stock_age_is_no_sealed_bid() -> None:
    """age -p makes an scrypt stanza, which no officer's key opens: refused at the door."""
    with pytest.raises(seal.EnvelopeFault, match="only X25519"):
        seal.check_sealed(pyrage.passphrase.encrypt(bytes(100), "a passphrase"))
