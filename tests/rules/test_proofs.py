"""Which proofs a bid must carry, and what the review says of a bid's files, as tables."""

from datetime import date

import pytest

from tender import seal
from tender.rules.proofs import Proof, asked, carried, mandatory, missing
from tender.seal.container import as_json

ON = date(2026, 3, 2)
ALL = [proof.value for proof in Proof]


def test_b4_names_six_proofs_and_a_head_office_needs_no_authorisation() -> None:
    assert ALL == [
        "hq_authorisation", "actuarial_report", "legal_opinion", "qualification_list_entry", "solvency_report",
        "no_commission",
    ]  # fmt: skip
    assert set(mandatory(branch=True)) - set(mandatory(branch=False)) == {Proof.HEAD_OFFICE}


@pytest.mark.parametrize(
    "on, rule",
    [(date(2016, 10, 8), "保监发〔2013〕19号"), (date(2016, 10, 9), "保监发〔2016〕86号"), (ON, "12号代替")],
)
def test_each_proof_cites_the_rule_of_the_tenders_day(on: date, rule: str) -> None:
    assert all(rule in line.clause for line in asked(on))


@pytest.mark.parametrize(
    "on, known",
    [(date(2016, 10, 8), []), (date(2016, 10, 9), [Proof.LISTED]), (date(2020, 12, 31), [Proof.LISTED]), (ON, [])],
)
def test_an_article_is_named_only_where_it_was_read(on: date, known: list[Proof]) -> None:
    assert [line.proof for line in asked(on) if line.article_known] == known
    for line in asked(on):
        assert ("条" in line.clause) is line.article_known


CASES = [
    # said of each file                        branch  missing
    (ALL, True, []),
    (ALL[1:], False, []),
    (ALL[1:], True, ["hq_authorisation"]),
    (["", "", ""], False, ALL[1:]),
    ([*ALL[1:], "actuarial_report"], False, []),
    (["invented", *ALL[2:]], False, ["actuarial_report"]),
]


@pytest.mark.parametrize("said, branch, left", CASES)
def test_what_is_missing(said: list[str], branch: bool, left: list[str]) -> None:
    assert [proof.value for proof in missing(said, branch=branch)] == left
    lines = carried(ON, said, branch=branch)
    assert [line.asked.proof.value for line in lines if line.missing] == left


def test_a_proof_may_be_in_several_files_and_each_is_named_by_its_place() -> None:
    lines = carried(ON, ["", "actuarial_report", "legal_opinion", "actuarial_report"], branch=False)
    assert {line.asked.proof: line.places for line in lines if line.places} == {
        Proof.ACTUARIAL: (2, 4), Proof.LEGAL: (3,),
    }  # fmt: skip


def test_the_type_travels_in_the_manifest_and_older_containers_are_read_as_before() -> None:
    typed = seal.build("T-1", 1, "technical", [seal.File("报告.pdf", b"a", "actuarial_report"), seal.File("b", b"b")])
    assert [file.proof for file in seal.read(typed).files] == ["actuarial_report", ""]
    assert typed.count(b'"proof"') == 1
    plain = seal.build("T-1", 1, "technical", [seal.File("b", b"b")], salt=bytes(32))
    assert b'"proof"' not in plain
    known = "3f913a91e487df1447e1b87a7957134db108248d1d000755dd5fa25442dda1bf"
    assert seal.commitment_of(plain) == known, "as it was before proofs had types"


@pytest.mark.parametrize("word", [7, None, ["x"], "x" * 100_000])
def test_a_strange_word_spoils_nothing(word: object) -> None:
    digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    line = {"name": "a", "size": 1, "sha256": digest, "proof": word}
    manifest = {"tender": "T", "lot": 1, "envelope": "technical", "salt": "00" * 32, "files": [line]}
    held = seal.read(b"seal/v1\n" + as_json(manifest) + b"\na")
    assert len(held.files[0].proof) <= 40
    assert missing([held.files[0].proof], branch=False) == mandatory(branch=False)
