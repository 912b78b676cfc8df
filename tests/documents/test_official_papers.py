"""The official papers of tender and contract: every field of a sample stands in its text, in our fonts, on A4."""

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from core.documents import Attachment, RenderedDocument, render, render_many
from core.documents.render import TEMPLATES
from core.documents.samples import ISSUED_AT, sample, sample_job, sample_names
from core.documents.show import FILTERS as SHOWN
from core.policy import get
from tender.services.papers_document import sharing_context
from tests.support import pdf

#: Every paper with a sample that stands in the official frame.
OFFICIAL = tuple(
    name
    for name in sample_names()
    if '{% extends "base_official.html" %}' in (TEMPLATES / f"{name}.html").read_text("utf-8")
)
#: Code words of closed lists and addresses, which a paper shows as Chinese words or not at all.
CODE_WORDS = {
    "key", "envelope", "price_object", "kind", "block", "seat", "claims_basis", "rate_definition", "band_basis",
    "position", "is_chair", "closing_hash", "commitment", "present", "issuer", "from", "to", "early_end",
}  # fmt: skip


@cache
def papers() -> dict[str, RenderedDocument]:
    """Every official sample, rendered side by side in the workers once for all tests of this file."""
    return dict(zip(OFFICIAL, render_many([sample_job(name) for name in OFFICIAL]), strict=True))


@cache
def body(name: str) -> str:
    return pdf.text(papers()[name].pdf, body_only=True)


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar of a sample with the path to it, code words left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in CODE_WORDS:
                yield from leaves(item, f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{place}[{index}]")
    elif value not in ("none", "", True, False):
        yield place.lstrip("."), value


def forms(value: Any) -> set[str]:
    """The ways a value may be written in an official paper, without white space."""
    if isinstance(value, str):
        return {"".join(value.split())}
    if isinstance(value, datetime):
        return {SHOWN["cn_time"](value), "".join(SHOWN["stamp"](value).split())}
    if isinstance(value, date):
        return {SHOWN["cn_date"](value)}
    if isinstance(value, int):
        return {str(value), SHOWN["people"](value), SHOWN["wan"](value) + "万"}
    assert isinstance(value, Decimal)
    exact = value == round(value, 2)
    return {str(value), SHOWN["percent"](value), SHOWN["percent"](value, 2), SHOWN["rate"](value, 2),
            SHOWN["points"](value), *([SHOWN["yuan"](value)] if exact else [])}  # fmt: skip


@pytest.mark.parametrize("name", OFFICIAL)
def test_every_field_of_the_sample_stands_in_the_text(name: str) -> None:
    own = tomllib.loads((TEMPLATES / "samples" / f"{name}.toml").read_text("utf-8"), parse_float=Decimal)
    identity = own.pop("document")
    missing = [
        f"{place} = {value}"
        for place, value in leaves(own)
        if not any(form in body(name) for form in forms(value))
    ]
    assert missing == []
    assert identity["number"] in pdf.text(papers()[name].pdf)


@pytest.mark.parametrize("name", OFFICIAL)
def test_it_is_archival_a4_in_our_fonts(name: str) -> None:
    content = papers()[name].pdf
    assert pdf.facts(content)["variant"] == "PDF/A-3A"
    assert pdf.facts(content)["language"] == "zh-CN"
    assert pdf.sizes(content) == {(595, 842)}
    assert all(pdf.fonts(content).values()), pdf.fonts(content)
    assert all(font.startswith(pdf.OUR_FONTS) for font in pdf.fonts(content)), pdf.fonts(content)


@pytest.mark.parametrize("name", OFFICIAL)
def test_every_page_says_that_it_is_a_demonstration(name: str) -> None:
    for page in pdf.pages(papers()[name].pdf):
        assert page.count("演示文件") >= 2


@pytest.mark.parametrize("name", OFFICIAL)
def test_its_opening_comment_documents_the_context(name: str) -> None:
    source = (TEMPLATES / f"{name}.html").read_text("utf-8")
    assert source.startswith("{# ")
    undocumented = [key for key in tomllib.loads((TEMPLATES / "samples" / f"{name}.toml").read_text("utf-8"))
                    if key not in source.split("#}")[0]]  # fmt: skip
    assert set(undocumented) <= {"document"}


AMOUNTS = [
    ("tender-notice", "人民币壹拾玖亿陆仟捌佰万元整"),
    ("award-letter", "人民币贰亿捌仟肆佰柒拾伍万贰仟柒佰肆拾贰元肆角整"),
    ("annual-contract", "人民币玖仟伍佰零壹万贰仟柒佰叁拾陆元整"),
    ("service-agreement", "人民币壹仟肆佰贰拾叁万柒仟陆佰叁拾柒元壹角贰分"),
]


@pytest.mark.parametrize(("name", "words"), AMOUNTS)
def test_amounts_that_move_money_stand_in_words(name: str, words: str) -> None:
    assert words in body(name)


SHARING = [
    "盈余率不超过3%（含）盈余总额全部归承保人",
    "盈余率超过3%、不超过5%（含）盈余总额的30%归承保人，70%返还基金",
    "盈余率超过5%5%（含）以内部分按前档计算，超过5%的部分全部返还基金",
    "亏损率不超过3%（含）亏损总额全部由承保人承担",
    "亏损率超过3%、不超过5%（含）且不属于政策调整等不可抗力亏损总额由承保人承担50%，基金承担50%",
    "亏损率超过5%且不属于政策调整等不可抗力5%（含）以内部分按前档计算，超过5%的部分全部由承保人承担；先行暂列，凭书面决定定案",
    "亏损率超过3%、不足5%且由政策调整等不可抗力导致亏损总额由承保人承担50%，基金承担50%",
    "亏损率达到5%（含）以上且由政策调整等不可抗力导致不按比例计算，由有关部门会同承保人提出解决方案，凭书面决定定案",
    "文件未规定非政策性原因亏损率超过5%的分担办法",
]


@pytest.mark.parametrize("name", ["tender-document", "service-agreement", "annual-contract"])
@pytest.mark.parametrize("line", SHARING)
def test_the_sharing_rule_reads_the_same_in_tender_agreement_and_contract(name: str, line: str) -> None:
    assert line in body(name)


def test_the_contract_notice_lists_what_is_attached_to_it() -> None:
    text = Attachment("合同文本.pdf", b"%PDF-1.7", "合同文本", "Supplement")
    context = sample("contract-notice")
    notice = render("contract-notice", context, issued_at=ISSUED_AT, attachments=[text], demonstration=True)
    printed = pdf.text(notice.pdf, body_only=True)
    assert "合同文本.pdf" in printed
    assert hashlib.sha256(text.content).hexdigest() in printed
    assert pdf.enclosed(notice.pdf) == [(text.name, text.content)]


READINGS = [
    ("whole", "盈余总额的30%归承保人，70%返还基金"),
    ("slice", "3%（含）以内部分按前档计算，超过3%的部分的30%归承保人，70%返还基金"),
    ("floor", "盈余总额的30%归承保人，70%返还基金"),
]


@pytest.mark.parametrize(("reading", "words"), READINGS)
def test_the_pack_itself_reads_as_the_chosen_reading_says(reading: str, words: str) -> None:
    seen = get("jilin-2016").on(date(2017, 3, 1))
    context = sample("annual-contract") | {"sharing": sharing_context(seen, reading)}
    text = pdf.text(render("annual-contract", context, issued_at=ISSUED_AT, demonstration=True).pdf, body_only=True)
    assert "".join(seen.sharing.reading(reading).explanation.split()) in text
    assert words in text


@pytest.mark.parametrize("name", ["tender-document", "service-agreement", "annual-contract"])
def test_a_paper_that_leaves_sharing_to_the_contract_says_so(name: str) -> None:
    context = sample(name)
    context["sharing"] = sharing_context(get("guangdong-2016").on(date(2017, 3, 1)), "whole")
    context["terms"] |= {"assessment": [], "exclusions": []}
    context["requirements"] = {"texts": []}
    text = pdf.text(render(name, context, issued_at=ISSUED_AT, demonstration=True).pdf, body_only=True)
    assert "政策文件未规定盈亏分担比例" in text
    assert "具体指标：按考核办法执行" in text or name == "service-agreement"
    assert not any(blunder in text for blunder in ("：。", "“”", "。。", "：：", "None"))


@pytest.mark.parametrize("paper", ["service-agreement", "annual-contract"])
def test_the_tender_document_carries_the_articles_as_they_will_be_signed(paper: str) -> None:
    # The head of a table stands again wherever the table goes on overleaf.
    signed, draft = (body(name).replace("档次盈亏率处理", "") for name in (paper, "tender-document"))
    articles = signed[signed.index("正文第一条") + len("正文") : signed.index("甲方（盖章）")]
    sentences = [sentence for sentence in articles.split("。") if sentence and "编号" not in sentence]
    assert [sentence for sentence in sentences if sentence not in draft] == []


def test_the_ten_matters_of_the_tender_document_are_headings() -> None:
    titles = "基本准入条件 管理服务要求 保险金额 起付标准 给付比例 保障期限 责任范围 除外责任 结算方式 盈亏调控办法"
    for title in titles.split():
        assert f"）{title}。" in body("tender-document")


#: What a tender document must hold (87 art. 20, sixteen items) and a notice (87 art. 13, eight), by words found there.
SIXTEEN = [
    "第一章投标邀请", "投标文件的密封和递交", "证明材料", "政府采购政策", "投标保证金不予退还", "最高限价",
    "管理服务要求", "服务委托协议（草案）", "服务期限", "付款。保费", "投标无效", "投标有效期",
    "投标截止时间和开标时间", "代理费用", "信用记录", "验收",
]  # fmt: skip
EIGHT = ["采购人", "预算", "项目内容", "资格条件", "招标文件的获取", "公告期限", "投标截止、开标", "项目联系人"]


@pytest.mark.parametrize(
    ("name", "item"), [("tender-document", item) for item in SIXTEEN] + [("tender-notice", item) for item in EIGHT]
)
def test_what_the_order_asks_for_stands_in_document_and_notice(name: str, item: str) -> None:
    assert item in body(name)


def test_requirements_that_allow_no_deviation_are_marked() -> None:
    assert body("tender-document").count("★") > 4


def test_lots_with_other_terms_have_their_own_chapter_and_drafts() -> None:
    context = sample("tender-document")
    other = {**context["terms"], "expense_cap_rate": Decimal("0.05")}
    context["variants"] = [
        {"lots": [1], "terms": context["terms"], "sharing": context["sharing"], "price_object": "premium_per_head"},
        {"lots": [2], "terms": other, "sharing": context["sharing"], "price_object": "fee_rate"},
    ]
    context["lots"][1] |= {"price_object": "fee_rate", "ceiling": Decimal("0.04")}
    text = pdf.text(render("tender-document", context, issued_at=ISSUED_AT, demonstration=True).pdf, body_only=True)
    assert text.count("附件一服务委托协议（草案）（第") == 2
    assert "附件二年度保险合同（草案）（第2包）" in text
    assert "不超过应收保费的5.00%" in text
    assert "4.00%" in text


def test_the_sharing_table_of_an_agreement_begins_beneath_its_sentence_and_goes_on_overleaf() -> None:
    """It may break between rows: half a page stood empty before it while it might not."""
    pages = ["".join(page.split()) for page in pdf.pages(papers()["service-agreement"].pdf)]
    begun, after = next((page, following) for page, following in pairwise(pages) if "各档处理如下" in page)
    assert "档次盈亏率处理" in begun
    assert "盈余总额全部归承保人" in begun
    assert "档次盈亏率处理" in after  # the head again, over at least two rows
    assert len([number for number in "12345678" if f"{number}亏损率" in after or f"{number}盈余率" in after]) >= 2
