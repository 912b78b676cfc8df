"""The letter of a filing and the papers it encloses, by what is filed (F.2, G9, Y1, Y3, GPL 47)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlmodel import Session, col, select

from contracts.papers import SCHEME_NAMES
from contracts.services.amending import amendments_of
from core.documents.models import IssuedDocument
from core.documents.show import cn_date
from core.errors import N_, Refused
from core.house import files_of
from core.identity.models import Organisation
from core.money import show_yuan
from disclosure.models import Filing, FilingKind
from disclosure.papers.subject import Subject
from tender.models import Lot, Tender

#: What each kind files, as the letter's title says it.
TITLES = {
    FilingKind.TENDER_DOCUMENT: "招标文件",
    FilingKind.CONTRACT_TEXT: "合同文本",
    FilingKind.CONTRACT_COPY: "合同副本",
    FilingKind.POLICY: "政策文件",
    FilingKind.PROGRESS: "工作进展情况",
}


@dataclass(frozen=True)
class Enclosure:
    """One file of a package: its name in the letter and in the package, its hash, the paper it is (None: uploaded)."""

    title: str
    name: str
    sha256: str
    document_id: int | None

    def as_data(self) -> dict[str, Any]:
        """As a filing keeps it."""
        return {"title": self.title, "name": self.name, "sha256": self.sha256, "document_id": self.document_id}


def enclosed_papers(papers: Sequence[IssuedDocument]) -> list[Enclosure]:
    """Issued papers as enclosures, numbered in the order given."""
    return [
        Enclosure(
            f"{paper.title}（{paper.number}{'' if paper.version == 1 else f'第{paper.version}版'}）",
            f"{position:02d}-{paper.number}-v{paper.version}.pdf",
            paper.pdf_sha256,
            paper.id,
        )
        for position, paper in enumerate(papers, start=1)
    ]


def enclosed_files(session: Session, files: Sequence[tuple[str, bytes]], after: int = 0) -> list[Enclosure]:
    """Uploaded files as enclosures; their bytes go into the content store."""
    store = files_of(session)
    return [
        Enclosure(name.rsplit(".", 1)[0], f"{position:02d}-{name}", store.put(content), None)
        for position, (name, content) in enumerate(files, start=after + 1)
    ]


def tender_papers(session: Session, tender: Tender) -> list[IssuedDocument]:
    """The newest version of the tender document and of every public notice of a tender.

    Raises Refused while the tender is not published.
    """
    if tender.published_at is None:
        raise Refused(N_("The tender is not published yet"))
    query = (
        select(IssuedDocument)
        .where(
            IssuedDocument.subject_type == "tender",
            IssuedDocument.subject_id == str(tender.id),
            col(IssuedDocument.published_at).is_not(None),
            col(IssuedDocument.withdrawn_at).is_(None),
        )
        .order_by(col(IssuedDocument.kind) != "tender_document", col(IssuedDocument.issued_at), col(IssuedDocument.id))
    )
    papers = list(session.exec(query))
    replaced = {paper.replaces_id for paper in papers}
    return [paper for paper in papers if paper.id not in replaced]


def contract_papers(session: Session, year: Subject, *, with_agreement: bool) -> list[IssuedDocument]:
    """The contract as issued with its amendments, led by its service agreement where the whole text is filed.

    Raises Refused before the contract is signed.
    """
    keys = [year.agreement.document_id] if with_agreement else []
    keys += [year.contract.document_id, *(one.document_id for one in amendments_of(session, year.contract))]
    papers = [session.get(IssuedDocument, key) for key in keys if key is not None]
    if year.contract.document_id is None:
        raise Refused(N_("The contract is not signed yet"))
    return cast(list[IssuedDocument], papers)


def tender_letter(session: Session, tender: Tender) -> tuple[str, list[dict[str, Any]]]:
    """What is filed in words, and the sections of the letter that files a tender document."""
    lots = session.exec(select(Lot).where(Lot.tender_id == tender.id).order_by(col(Lot.position))).all()
    what = f"{tender.title}招标文件"
    points = [
        f"第{lot.position}包{lot.name}：参保{lot.insured_count:,}人，最高限价每人每年{show_yuan(lot.ceiling)}元，"
        f"拟确定{lot.winners}家承办机构。"
        for lot in lots
    ]
    deadline = cn_date(tender.deadline) if tender.deadline else ""
    return what, [
        {
            "title": "项目情况",
            "items": [
                {
                    "title": "项目概况",
                    "text": f"项目编号{tender.number}，服务期限{tender.term_from.year}—{tender.term_until.year}年，"
                    f"预算金额{show_yuan(tender.budget)}元，分为以下各包：",
                    "points": points,
                },
                {
                    "title": "招标进程",
                    "text": f"{cn_date(tender.published_at)}发布公开招标公告，{deadline}截止投标。"
                    if tender.published_at
                    else "",
                },
            ],
        }
    ]


def contract_letter(year: Subject) -> tuple[str, list[dict[str, Any]]]:
    """What is filed in words, and the sections of the letter that files a contract."""
    contract, agreement = year.contract, year.agreement
    what = f"{year.title}{contract.year}年度保险合同"
    return what, [
        {
            "title": "合同签订情况",
            "items": [
                {
                    "title": "合同双方",
                    "text": f"投保人为{year.agency.name}，承保人为{year.insurer.name}，承办{agreement.area}"
                    f"{SCHEME_NAMES[agreement.scheme]}（招标项目{year.tender.number}第{year.lot.position}包）。",
                },
                {
                    "title": "合同金额",
                    "text": f"合同编号{contract.number}，{cn_date(year.signed_on)}签订，"
                    f"参保人数{contract.insured_count:,}人，筹资标准每人每年{show_yuan(contract.funding_standard)}元，"
                    f"合同保费{show_yuan(contract.premium)}元，以参保人数清算为准。",
                },
            ],
        },
        {
            "title": "盈亏分担",
            "items": [{"text": "合同已载明年度盈亏率在各档次时的分担办法，以及政策调整导致亏损时的处理程序。"}],
        },
    ]


def uploaded_letter(filing: Filing) -> tuple[str, list[dict[str, Any]]]:
    """The same for local policy papers and progress reports, which speak for themselves."""
    what = "大病保险" + TITLES[filing.kind]
    names = [f"{entry['title']}。" for entry in filing.contents]
    return what, [
        {"title": "报送内容", "items": [{"title": "材料目录", "text": "本次报送下列材料：", "points": names}]}
    ]


#: A line of a title holds this many characters at its size (GB/T 9704).
TITLE_LINE = 20


def title_lines(what: str, end: str) -> list[str]:
    """The letter's title in lines broken at sense units, before a bracket and never inside it."""
    head, bracket, tail = what.partition("（")
    if bracket and len(head) + 4 <= TITLE_LINE:
        return [f"关于报送{head}", f"（{tail}{end}"]
    return ["关于报送", what, end]


def letter_context(
    filing: Filing, office: Organisation, what: str, sections: list[dict[str, Any]], people: dict[str, str]
) -> dict[str, Any]:
    """The plain values of the filing letter. people: signer, contact, telephone."""
    reports = filing.kind is FilingKind.PROGRESS
    act = "随文报送" if reports else "随文报请备案"
    return {
        "letter": {
            "head": office.name,
            "office": office.name,
            "title": title_lines(what, "的报告" if reports else "备案的报告"),
            "addressee": filing.addressee,
            "signer": people["signer"],
            "opening": f"按照{filing.clause}的规定，现将{what}及有关材料{act}，并将有关情况报告如下：",
            "sections": sections,
            "closing": "特此报告。" if reports else "专此报告，请予备案。",
            "copied_to": list(filing.copied_to),
            "printer": f"{office.name}办公室",
            "public": False,
            "contact": {"name": people["contact"], "telephone": people["telephone"]},
        },
        "enclosures": [
            {"name": entry["title"], "file": entry["name"], "sha256": entry["sha256"]} for entry in filing.contents
        ],
    }
