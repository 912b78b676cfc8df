"""The red-headed letters: the filing report upwards and the circular downwards, in the order GB/T 9704 asks for."""

import io
import re
import subprocess
from functools import cache

import pikepdf
import pytest

from core.documents import RenderedDocument, render
from core.documents.samples import sample

LETTERS = ["filing-letter", "circular-letter"]


@cache
def letter(name: str) -> RenderedDocument:
    context = sample(name)
    return render(name, context, issued_at=context.pop("issued_at"), demonstration=True)


def pages(name: str) -> list[str]:
    read = subprocess.run(["pdftotext", "-", "-"], input=letter(name).pdf, check=True, capture_output=True)
    return [re.sub(r"\s", "", page) for page in read.stdout.decode().split("\f")[:-1]]


def in_order(printed: str, *parts: str) -> bool:
    places = [printed.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_ends_on_an_even_page_with_its_imprint(name: str) -> None:
    printed = pages(name)
    assert len(printed) == 4
    assert "抄送：" in printed[-1]
    assert "印发" in printed[-1]
    assert not any("抄送：" in page for page in printed[:-1])


@pytest.mark.parametrize("name", LETTERS)
def test_no_signing_page_is_without_text(name: str) -> None:
    """The page with the signature begins with text of the letter, never with the list of annexes or the office."""
    signed = next(page for page in pages(name) if "附件：" in page)
    head = signed.replace("演示文件所载单位、人员、企业和数据均为虚构，不具法律效力", "")
    assert head.index("附件：") > 5


@pytest.mark.parametrize("name", LETTERS)
def test_every_page_is_numbered_and_says_demonstration_in_head_and_foot(name: str) -> None:
    for number, page in enumerate(pages(name), start=1):
        assert f"—{number}—" in page
        assert page.count("演示文件") == 2
        assert letter(name).check_code in page


def test_the_upward_letter_names_who_signed_it_out() -> None:
    first = pages("filing-letter")[0]
    assert in_order(
        first,
        "演示市人力资源和社会保障局文件",
        "演人社〔2017〕38号",
        "签发人：林致远",
        "招标文件和合同文本备案的报告",
        "演示省人力资源和社会保障厅：",
        "一、政策制定情况",
    )


def test_the_upward_letter_lists_each_file_with_its_hash() -> None:
    printed = "".join(pages("filing-letter"))
    for order, enclosure in enumerate(sample("filing-letter")["enclosures"], start=1):
        assert f"{order}．{enclosure['name']}" in printed
        assert enclosure["file"] in printed
        assert enclosure["sha256"] in printed


def test_the_downward_letter_has_no_signer_and_is_public() -> None:
    printed = "".join(pages("circular-letter"))
    assert "签发人" not in printed
    assert in_order(
        printed, "演医改办〔2016〕3号", "一、总体进展", "二、存在的主要问题", "三、下一步工作要求", "（此件公开发布）"
    )


def test_the_downward_letter_names_the_late_areas_with_days() -> None:
    annex = pages("circular-letter")[-1]
    for area in sample("circular-letter")["table"]["areas"]:
        assert area["name"] in annex
        for finding in area["findings"]:
            assert finding["matter"] in annex
            assert str(finding["days_late"]) in annex


def test_days_late_count_from_the_day_after_the_due_day() -> None:
    table = sample("circular-letter")["table"]
    for finding in (finding for area in table["areas"] for finding in area["findings"]):
        assert finding["days_late"] == ((finding["done_on"] or table["counted_on"]) - finding["due_on"]).days


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_a_tagged_archive_pdf_with_its_fonts(name: str) -> None:
    with pikepdf.open(io.BytesIO(letter(name).pdf)) as pdf:
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "zh-CN"
    listed = subprocess.run(["pdffonts", "-"], input=letter(name).pdf, check=True, capture_output=True).stdout.decode()
    fonts = [line.split() for line in listed.splitlines()[2:]]
    families = {font[0].split("+")[-1].split("-")[0] for font in fonts}
    assert families <= {"Noto", "GW", "AR", "FandolFang", "FandolKai"}, "GW: the Latin font handed over as an asset"
    assert {font[-5] for font in fonts} == {"yes"}, "every font embedded"
