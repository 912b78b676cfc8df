"""The documents engine: archival, tagged, sealed off from the machine, and the same bytes every time."""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from core.clock import beijing
from core.documents import Attachment, RenderError, RenderJob, check, check_machine, render, render_many, use_cache
from core.documents.models import IssuedDocument
from core.documents.render import check_code, read_check_code, typeset
from core.documents.samples import sample, sample_job
from core.documents.values import NotPlain, canonical, plain
from core.errors import Invalid
from tests.support import pdf

ISSUED = beijing(2016, 10, 19, 10)
CSV = Attachment("年度数据.csv", "年度,保费\n2017,95012736.00\n".encode(), "机器可读数据")
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attachment of a system file": '<link rel="attachment" href="file:///etc/passwd">',
    "picture from the network": '<img src="http://192.0.2.1/x.png">',
    "style sheet": '"><style>@import url(file:///etc/hostname)</style>',
    "CSS url": "url(file:///etc/passwd)",
    "template code": "{{ ''.__class__.__mro__ }}{% include '/etc/passwd' %}",
}


@pytest.fixture(scope="module")
def letter() -> bytes:
    """The award letter with an enclosed file."""
    return render(
        "award-letter", sample("award-letter"), issued_at=ISSUED, attachments=[CSV], demonstration=True
    ).pdf


def letter_to(name: str) -> RenderJob:
    return RenderJob("award-letter", sample("award-letter") | {"insurer": {"name": name}}, ISSUED, demonstration=True)


def test_this_machine_can_render() -> None:
    check_machine()


def test_an_unfit_machine_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_installed", lambda family: family != "Noto Serif CJK SC")
    monkeypatch.setattr("weasyprint.text.ffi.harfbuzz_subset", None)
    with pytest.raises(check.MachineUnfit, match="apt-get install fonts-noto-cjk libharfbuzz-subset0"):
        check.check_machine.__wrapped__()


def test_the_file_is_archival_tagged_and_chinese(letter: bytes) -> None:
    assert pdf.facts(letter) == {
        "title": "中标通知书（YSDB-2016-ZB-01 第2包）",
        "language": "zh-CN",
        "tagged": "True",
        "variant": "PDF/A-3A",
    }


def test_every_font_is_one_we_chose_and_embedded(letter: bytes) -> None:
    found = pdf.fonts(letter)
    assert all(found.values()), found
    assert all(name.startswith(pdf.OUR_FONTS) for name in found), found


def test_an_attachment_is_listed_once_and_comes_out_unchanged(letter: bytes) -> None:
    assert pdf.enclosed(letter) == [(CSV.name, CSV.content)]


def test_two_processes_give_the_same_bytes(letter: bytes) -> None:
    job = RenderJob("award-letter", sample("award-letter"), ISSUED, demonstration=True, attachments=(CSV,))
    elsewhere, again = render_many([job, sample_job("result-letter")])[0], job.render()
    assert elsewhere.pdf == again.pdf == letter
    assert elsewhere.sha256 == hashlib.sha256(letter).hexdigest()


def test_the_cache_gives_the_same_document_and_notices_damage(tmp_path: Path) -> None:
    job = sample_job("result-letter")
    use_cache(tmp_path)
    try:
        first, second = render_many([job])[0], render_many([job])[0]
        assert first == second
        for kept in tmp_path.rglob("*.pdf"):
            kept.write_bytes(b"%PDF-1.7 damaged")
        assert render_many([job])[0] == first
    finally:
        use_cache(None)


def test_the_check_code_and_demonstration_mark_stand_on_every_page() -> None:
    document = sample_job("tender-notice").render()
    pages = pdf.pages(document.pdf)
    assert len(pages) > 1
    for page in pages:
        assert f"校验码{document.check_code}" in page
        assert page.count("演示文件") == 2, "in the head and in the foot"


def test_a_real_paper_carries_no_demonstration_mark() -> None:
    document = render("award-letter", sample("award-letter"), issued_at=ISSUED, demonstration=False)
    assert "演示文件" not in pdf.text(document.pdf)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_printed_and_does_nothing(text: str) -> None:
    document = letter_to(text).render()
    assert "".join(text.split()) in pdf.text(document.pdf)
    assert pdf.enclosed(document.pdf) == []


@pytest.mark.parametrize(
    "name",
    ["镕堃喆犇瑀", "䶮𬱖𬭎", "镕堃喆犇瑀" * 10, "Société Générale Ümlaut", "（甲）〔2016〕57号—①Ⅳ％"],
    ids=["rare", "beyond the basic plane", "fifty rare characters", "Latin with accents", "official signs"],
)
def test_names_come_out_as_they_went_in(name: str) -> None:
    document = letter_to(name).render()
    assert "".join(name.split()) in pdf.text(document.pdf)
    assert all(pdf.fonts(document.pdf).values())


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="asset:no-such.svg" alt="">',
        '<img src="file:///etc/hostname" alt="">',
        '<img src="https://example.org/x.png" alt="">',
        '<img src="data:text/html;base64,PGI+" alt="">',
        '<link rel="stylesheet" href="asset:../base_official.html">',
        '<link rel="attachment" href="file:///etc/passwd">',
        "<style>@import url(file:///etc/passwd);</style>",
        '<p style="background: url(asset:no-such.svg)">x</p>',
    ],
)
def test_an_asset_that_is_not_ours_ends_the_render(markup: str) -> None:
    with pytest.raises(RenderError, match="own assets only"):
        typeset(f'<!DOCTYPE html><html lang="zh-CN"><title>x</title>{markup}', ISSUED)


def test_a_missing_value_is_an_error() -> None:
    context = sample("award-letter")
    del context["award"]["sign_by"]
    with pytest.raises(UndefinedError, match="sign_by"):
        render("award-letter", context, issued_at=ISSUED, demonstration=True)


@dataclass
class Changeable:
    name: str


@dataclass(frozen=True)
class Line:
    clause: str
    amount: Decimal


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (0.03, "builtins.float"),
        (b"bytes", "builtins.bytes"),
        (Markup("<b>x</b>"), "Markup"),
        (IssuedDocument(number="x"), "IssuedDocument"),
        (Changeable("x"), "Changeable"),
        (ISSUED.replace(tzinfo=None), "timezone"),
        ({1: "x"}, "keys are text"),
        ({"a": [{"b": 1.5}]}, r"context\.a\[0\]\.b"),
    ],
)
def test_only_plain_values_enter(value: object, reason: str) -> None:
    with pytest.raises(NotPlain, match=reason):
        plain(value)


@pytest.mark.parametrize("text", ["a\x00b", "甲\u202e乙", "\ue000", "\u200b"])
def test_characters_that_could_deceive_are_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid, match=r"U\+[0-9A-F]{4} may not stand in a document \(context.insurer.name\)"):
        letter_to(text).render()


@pytest.mark.parametrize("character", ["😀", "ⴀ"])
def test_a_character_none_of_our_fonts_has_is_refused_not_boxed(character: str) -> None:
    with pytest.raises(Invalid, match=f"No font of the papers has these characters: {character}"):
        letter_to(f"甲{character}乙").render()


def test_plain_values_have_one_canonical_form() -> None:
    line = Line("五（三）", Decimal("0.30"))
    values = {"线": line, "r": Fraction(1, 3), "on": date(2017, 2, 15), "n": None, "b": True}
    assert canonical(plain(values)).decode() == (
        '{"b":true,"n":null,"on":"2017-02-15","r":"1/3","线":{"amount":"0.30","clause":"五（三）"}}'
    )


def test_the_data_hash_covers_context_time_and_attachments() -> None:
    job = sample_job("result-letter")
    base = job.render()
    later = sample_job("result-letter", beijing(2016, 10, 20, 10)).render()
    enclosing = RenderJob(job.name, job.context, job.issued_at, True, (CSV,)).render()
    other = RenderJob(job.name, job.context | {"bid_security": Decimal("1.00")}, job.issued_at, True).render()
    assert len({document.data_sha256 for document in (base, later, enclosing, other)}) == 4
    assert base.data_sha256 == hashlib.sha256(canonical(plain(base.inputs))).hexdigest()


def test_check_codes_survive_typing() -> None:
    code = check_code("f" * 64)
    assert code == "ZZZZ-ZZZZ-ZZ"
    assert read_check_code(" 7q4m k2xd 9o ") == "7Q4M-K2XD-90"
    assert read_check_code("IL00-0000-00") == "1100-0000-00"
