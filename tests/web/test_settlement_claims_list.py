"""From row 7 down to the claims and up again: masked, narrowed, added up, and never another insurer's."""

from collections.abc import Callable

from sqlmodel import Session

from core.clock import FixedClock
from settlement.claims.listing import masked
from tests.factories import claims as claim_rows
from tests.factories import settlement as make
from tests.support.clients import CheckingClient
from tests.support.markup import Markup

Login = Callable[..., CheckingClient]


def test_a_person_is_never_shown_whole() -> None:
    assert masked("P-00012345") == "••2345"
    assert masked("P-7") == "••7"


def test_every_claim_behind_row_7_can_be_reached_and_leads_back(
    session: Session, clock: FixedClock, login: Login
) -> None:
    season = make.signed(session, clock)
    season.claims = [
        claim_rows.row(n, contract_number=season.number, reported_benefit=str(make.BENEFIT), person_id=f"P-secret-{n}",
                       channel="manual" if n == 3 else "instant")
        for n in range(1, 4)
    ]  # fmt: skip
    file_id = make.with_file(session, clock, season)
    make.with_figures(session, clock, season, "1200000.00")
    sheet_id = make.drafted(session, clock, season)
    session.rollback()
    handler = login("handler", of=season.case.department)
    address = f"/settlement/claim-files/{file_id}/claims"
    sheet = handler.get(f"/settlement/sheets/{sheet_id}")
    links = {link.get("href") for link in Markup(sheet.text).all("a")}
    assert {address, f"/settlement/years/{season.contract_id}/figures#annual"} <= links
    page = handler.get(address)
    for number in range(1, 4):
        assert season.claims[number - 1]["claim_id"] in page.text
        assert f"P-secret-{number}" not in page.text
    assert "30,855.00" in page.text, "three times 10,285.00"
    only = handler.get(f"{address}?channel=manual")
    assert "10,285.00" in only.text
    assert season.claims[0]["claim_id"] not in only.text.split("<tbody>")[1]
    found = handler.get(f"{address}?q={season.claims[1]['claim_id']}")
    assert season.claims[2]["claim_id"] not in found.text.split("<tbody>")[1]
    assert "P-secret" not in handler.get(f"{address}?as=csv").text
    up = handler.get(f"/settlement/claim-files/{file_id}")
    assert f"/settlement/sheets/{sheet_id}#row-7" in up.text
    assert login("insurer_signer", of=season.case.insurer).get(address).status_code == 200
    assert login("insurer_signer", of=season.case.other).get(address).status_code == 404
    handler.get("/language/en")
    assert handler.get(address).status_code == 200
