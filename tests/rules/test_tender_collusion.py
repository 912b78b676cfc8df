"""Hints of collusion: what bids have in common, table by table, and what is no hint."""

import zipfile
from decimal import Decimal
from io import BytesIO

import pytest

from tender.rules.collusion import Hint, HintKind, Offer, hints
from tender.rules.file_facts import FileFacts, file_facts, shingles

WORDS = "本公司承诺在每个县设立服务网点，配备专职人员，按月报送数据，出院时即时结算，接受采购人的考核与监督。" * 2
OTHER = "我们的方案以移动服务为主，通过线上渠道受理咨询和投诉，并建立跨部门的稽核机制，对异常住院开展核查。" * 2


def offer(number: int, **changes: object) -> Offer:
    """The bid of bidder `number`; all in lot 1 unless said."""
    return Offer(**{"bid": number, "bidder": number * 10, "lot": 1, **changes})  # type: ignore[arg-type]


def saying(number: int, words: str) -> Offer:
    """The bid of bidder `number` with one text."""
    return offer(number, files=(file_facts("方案.txt", words.encode()),))


def kinds(*offers: Offer) -> list[tuple[HintKind, tuple[int, ...]]]:
    return [(hint.kind, hint.bids) for hint in hints(offers)]


def office(author: str = "", changed_by: str = "", created: str = "", words: str = "") -> bytes:
    """A document as a word processor writes it."""
    core = (
        f"<cp:coreProperties><dc:creator>{author}</dc:creator><cp:lastModifiedBy>{changed_by}</cp:lastModifiedBy>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{created}</dcterms:created></cp:coreProperties>'
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("docProps/core.xml", core)
        archive.writestr("docProps/app.xml", "<Properties><Application>演示文字处理</Application></Properties>")
        archive.writestr("word/document.xml", f"<w:document><w:t>{words}</w:t></w:document>")
    return out.getvalue()


def test_one_account_one_person_one_file_are_hints_between_bidders_only() -> None:
    same = FileFacts("方案.pdf", "a" * 64)
    first = offer(1, account="6222 0001", people=("演示甲",), files=(same,))
    assert kinds(first, offer(2, account="62220001", people=("演示 甲",), files=(same,))) == [
        (HintKind.ACCOUNT, (1, 2)), (HintKind.PERSON, (1, 2)), (HintKind.SAME_FILE, (1, 2))
    ]  # fmt: skip
    assert kinds(first, offer(2, bidder=10, lot=2, account="62220001", people=("演示甲",), files=(same,))) == []
    assert kinds(first, offer(2, account="62220002", people=("演示乙",))) == []


def test_metadata_of_office_files_and_pdfs_is_compared() -> None:
    here = file_facts("甲.docx", office("演示作者", "演示编辑", "2016-08-20T08:15:30Z", WORDS))
    assert (here.author, here.changed_by, here.created) == ("演示作者", "演示编辑", "2016-08-20T08:15:30Z")
    there = file_facts("乙.docx", office("另一作者", "演示编辑", "2016-08-20T08:15:30Z", OTHER))
    assert kinds(offer(1, files=(here,)), offer(2, files=(there,))) == [
        (HintKind.AUTHOR, (1, 2)), (HintKind.CREATED, (1, 2))
    ]  # fmt: skip
    made = b"%PDF-1.7 << /Author (Zhang \\(San\\)) /Producer <FEFF6F14> /CreationDate (D:20160820) >>"
    pdf = file_facts("丙.pdf", made)
    assert (pdf.author, pdf.program, pdf.created) == ("Zhang (San)", "演", "D:20160820")


def test_texts_are_alike_from_sixty_per_cent_on_and_the_evidence_says_how_much() -> None:
    one, two = file_facts("甲.txt", WORDS.encode()), file_facts("乙.txt", (WORDS + OTHER[:20]).encode())
    (hint,) = hints([offer(1, files=(one,)), offer(2, files=(two,))])
    assert hint == Hint(HintKind.TEXT, (1, 2), ("甲.txt", "乙.txt", "100%"))
    assert hint.clause == "87号令第37条（四）"
    assert hints([offer(1, files=(one,)), offer(2, files=(file_facts("丙.txt", OTHER.encode()),))]) == ()


def test_what_the_tender_document_says_itself_is_nobodys_own_words() -> None:
    """Both repeat what is asked of them; the second pair also shares an answer that nobody gave them."""
    asked = shingles(WORDS)
    same = [saying(1, WORDS + "一"), saying(2, WORDS + "二")]
    assert [hint.kind for hint in hints(same)] == [HintKind.TEXT]
    assert hints(same, asked) == ()
    told = [saying(1, WORDS + OTHER + "一"), saying(2, WORDS + OTHER + "二")]
    assert [hint.kind for hint in hints(told, asked)] == [HintKind.TEXT]


@pytest.mark.parametrize(
    ("prices", "found"),
    [
        (("36.00", "36.50", "37.00", "37.50"), True),
        (("36.00", "36.50", "37.00", "37.51"), False),
        (("36.00", "36.50", "37.00"), False),  # three prices prove nothing
        (("36.00", "36.00", "36.00", "36.00"), False),
    ],
)
def test_prices_on_equal_steps(prices: tuple[str, ...], found: bool) -> None:
    offers = [offer(number, price=Decimal(price)) for number, price in enumerate(prices, 1)]
    assert [hint.kind for hint in hints(offers)] == ([HintKind.STEPS] if found else [])


def test_a_distance_turned_round_in_another_lot_is_a_mirror() -> None:
    four = [
        offer(1, price=Decimal("36.00")), offer(2, price=Decimal("37.00")),
        Offer(3, 10, 2, price=Decimal("38.00")), Offer(4, 20, 2, price=Decimal("37.00")),
    ]  # fmt: skip
    assert kinds(*four) == [(HintKind.MIRRORED, (1, 2, 3, 4))]
    assert kinds(*four[:3], Offer(4, 20, 2, price=Decimal("37.10"))) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04broken", b"%PDF-1.7 /Author (", b"\xff\xfe\x00", office()[:200], b"%PDF /Author <zz>"],
)
def test_a_file_that_cannot_be_read_says_nothing_and_breaks_nothing(content: bytes) -> None:
    facts = file_facts("x", content)
    assert (facts.author, facts.created) == ("", "")


def test_short_texts_have_no_shingles() -> None:
    assert shingles("承诺函") == frozenset()


def test_the_key_of_a_hint_is_the_same_for_the_same_facts() -> None:
    first = hints([offer(1, account="1"), offer(2, account="1")])[0]
    again = hints([offer(2, account="1"), offer(1, account="1")])[0]
    assert first.bids == again.bids == (1, 2)
    assert len(first.key) == 64
