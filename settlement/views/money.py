"""What settlement moves: transfer orders for finance to record, and the fund ledger that adds up to zero."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlmodel import col, select
from werkzeug.wrappers import Response

from contracts.models import AnnualContract
from core.clock import local_date
from core.errors import N_, NotFound
from core.money import ZERO
from core.web import Action, Chip, Column, Filter, Table, actor, allow, clock, listing, now, session
from settlement import services
from settlement.forms import TransferForm
from settlement.models import LedgerAccount, LedgerEntry, LedgerMatter, Settlement, TransferOrder
from settlement.services.ledger import balances, entries_by_year
from settlement.views import access
from settlement.views.blueprint import bp

#: What a posting carries out.
MATTERS = {
    LedgerMatter.BALANCE: lazy_gettext("Fund's part of the balance"),
    LedgerMatter.HELD: lazy_gettext("Held back until the assessment"),
    LedgerMatter.RELEASED: lazy_gettext("Released by the score"),
}
ACCOUNTS = {LedgerAccount.FUND: lazy_gettext("Fund"), LedgerAccount.INSURER: lazy_gettext("Insurer")}


@bp.get("/transfers")
@allow("settlement:view")
def transfers() -> Response | str:
    """Every transfer an issued sheet ordered, those not recorded first; insurers see their own."""
    own = {one.contract.id for one in access.years()}
    rows = [row for row in _orders() if row[2].id in own]
    today = local_date(now())
    table = Table(
        rows,
        [
            Column("sheet", lazy_gettext("Settlement sheet"), "code", value=lambda row: row[1].number, sort=True,
                   link=lambda row: url_for(".sheet", settlement_id=row[1].id), note=lambda row: row[2].fund),
            Column("way", lazy_gettext("Direction"), value=lambda row: way(row[0])),
            Column("amount", lazy_gettext("Amount"), "money", unit=lazy_gettext("yuan"), sort=True,
                   value=lambda row: row[0].amount),
            Column("due_on", lazy_gettext("To be paid by"), "day", sort=True, value=lambda row: row[0].due_on),
            Column("paid_on", lazy_gettext("Paid on"), "day", value=lambda row: row[0].paid_on,
                   note=lambda row: row[0].reference),
            Column("state", lazy_gettext("State"), "chip", value=lambda row: order_chip(row[0]), when=True),
        ],
        caption=lazy_gettext("Transfers"),
        filename="transfers",
        search=lambda row: f"{row[1].number} {row[0].reference or ''}",
        search_label=lazy_gettext("Sheet or bank reference"),
        late=lambda row: row[0].paid_on is None and row[0].due_on < today,
        action=_record_act,
        empty=lazy_gettext("No transfer has been ordered"),
        empty_note=lazy_gettext("Issuing a settlement sheet orders the transfer that carries it out."),
    )  # fmt: skip
    return listing("settlement/transfers.html", table)


@bp.route("/transfers/<int:order_id>", methods=["GET", "POST"])
@allow("settlement:post", fresh=True)
def transfer(order_id: int) -> Any:
    """Finance records that the transfer was made."""
    order = session().get(TransferOrder, order_id)
    if order is None:
        raise NotFound(N_("There is no such transfer order"))
    form = TransferForm()
    done = form.save(
        lambda s: services.record_transfer(
            s, actor(), clock(), order_id, paid_on=form.paid_on.data, reference=form.reference.data
        ),
        then=lambda _order: url_for(".transfers"),
        message=gettext("The transfer was recorded"),
    )
    if done:
        return done
    order = session().get_one(TransferOrder, order_id)
    sheet, year = access.sheet_for(order.settlement_id)
    page = access.page_of(year, (gettext("Transfer"), ""))
    page["state"] = order_chip(order)
    return render_template(
        "settlement/transfer.html", **page, form=form, order=order, sheet=sheet, way=way(order)
    ), form.status


@bp.get("/ledger")
@allow("settlement:view")
def ledger() -> Response | str:
    """The postings by fund, insurer and year, what each comes to, and the proof that they add up to zero."""
    if actor().is_insurer:
        raise NotFound(N_("There is no such entry"))
    entries = entries_by_year(session())
    years = sorted({entry.year for entry in entries}, reverse=True)
    chosen = request.args.get("year", "")
    found = balances([entry for entry in entries if not chosen or str(entry.year) == chosen])
    numbers = {row.id: row.number for row in session().exec(select(Settlement))}
    versions = {row.id: row.version for row in session().exec(select(Settlement))}
    table = Table(
        select(LedgerEntry),
        [
            Column("posted_at", lazy_gettext("Posted"), "moment", sort=LedgerEntry.posted_at),
            Column("sheet", lazy_gettext("Settlement sheet"), "code", value=lambda row: numbers[row.settlement_id],
                   link=lambda row: url_for(".sheet", settlement_id=row.settlement_id),
                   note=lambda row: gettext("version %(version)s", version=versions[row.settlement_id])),
            Column("year", lazy_gettext("Year"), sort=LedgerEntry.year),
            Column("account", lazy_gettext("Account"), value=lambda row: ACCOUNTS[row.account],
                   note=lambda row: row.holder),
            Column("matter", lazy_gettext("What is posted"), value=lambda row: MATTERS[row.matter]),
            Column("amount", lazy_gettext("Receives (+) or pays (−)"), "money", unit=lazy_gettext("yuan"),
                   sort=LedgerEntry.amount),
            Column("reverses", lazy_gettext("Reverses"), value=_reverses),
        ],
        caption=lazy_gettext("Postings"),
        filename="fund-ledger",
        filters=[Filter("year", lazy_gettext("Year"), [(str(year), str(year)) for year in years],
                        where=lambda value: col(LedgerEntry.year) == int(value))],
        order=[col(LedgerEntry.id).desc()],
        empty=lazy_gettext("Nothing has been posted"),
        empty_note=lazy_gettext("Issuing a settlement sheet posts what the fund and the insurer receive or pay."),
    )  # fmt: skip
    total = sum((entry.amount for entry in entries if not chosen or str(entry.year) == chosen), ZERO)
    return listing("settlement/ledger.html", table, balances=found, total=total, accounts=ACCOUNTS)


def way(order: TransferOrder) -> str:
    """From whom to whom."""
    return gettext("Insurer to fund") if order.to_fund else gettext("Fund to insurer")


def order_chip(order: TransferOrder) -> Chip:
    """Whether the transfer was made."""
    if order.paid_on is not None:
        return Chip("ok", gettext("Paid"))
    late = order.due_on < local_date(now())
    return Chip("stop", gettext("Overdue")) if late else Chip("wait", gettext("To pay"))


def _reverses(row: LedgerEntry) -> str | None:
    return None if row.reverses_id is None else gettext("posting %(number)s", number=row.reverses_id)


def _orders() -> list[tuple[TransferOrder, Settlement, AnnualContract]]:
    query = (
        select(TransferOrder, Settlement, AnnualContract)
        .join(Settlement, col(Settlement.id) == TransferOrder.settlement_id)
        .join(AnnualContract, col(AnnualContract.id) == Settlement.contract_id)
        .order_by(col(TransferOrder.paid_on).is_not(None), col(TransferOrder.due_on).desc())
    )
    return [(order, sheet, contract) for order, sheet, contract in session().exec(query)]


def _record_act(row: tuple[TransferOrder, Settlement, AnnualContract]) -> Action | None:
    order = row[0]
    if order.paid_on is not None or not actor().may("settlement:post"):
        return None
    return Action(gettext("Record payment"), url_for(".transfer", order_id=order.id), primary=True)
