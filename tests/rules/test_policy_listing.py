"""`flask policy list` and `show`: every value with its clause, the house's own choices marked as such."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from core.policy import packs, view
from core.policy.cli import cli
from core.policy.listing import rows


def answer(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def test_list_names_every_pack_with_title_first_day_and_hash() -> None:
    listed = json.loads(answer("list", "--json"))
    assert [entry["pack"] for entry in listed] == sorted(packs())
    assert all({"pack", "title", "in_force_from", "hash"} <= set(entry) for entry in listed)
    jilin = next(entry for entry in listed if entry["pack"] == "jilin-2016")
    assert (jilin["in_force_from"], jilin["hash"]) == ("2016-01-01", packs()["jilin-2016"].hash)


@pytest.mark.parametrize("name", sorted(packs()))
def test_every_value_shown_has_a_clause(name: str) -> None:
    pack = packs()[name]
    found = rows(view(name, pack.identity.in_force_from))
    assert found
    assert all(row.clause.document and row.clause.article and row.clause.quote for row in found)


@pytest.mark.parametrize(
    "day, key, value, article",
    [
        ("2017-03-01", "benefits.ratios.start", "0.55", "三(三)"),
        ("2016-03-01", "benefits.ratios.start", "0.50", "三(三)"),
        ("2017-03-01", "benefits.tilts.1.deductible_cut", "0.40", "三(四)"),
        ("2017-03-01", "sharing.bands.surplus_3_5.share", "0.30", "五(三)"),
        ("2017-03-01", "tender.winners", 2, "五(二)"),
    ],
)
def test_show_gives_what_was_in_force_that_day(day: str, key: str, value: object, article: str) -> None:
    shown = json.loads(answer("show", "jilin", "--on", day, "--json"))
    row = next(row for row in shown["values"] if row["key"] == key)
    assert (shown["pack"], row["value"], row["clause"]["article"], row["house"]) == (
        "jilin-2016",
        value,
        article,
        False,
    )


def test_what_the_house_chose_is_marked_and_the_rest_is_not() -> None:
    found = rows(view("jilin", date(2017, 3, 1)))
    house = {row.key for row in found if row.house}
    assert {
        "sharing.metric",
        "sharing.scope",
        "sharing.bands.loss_over_5.share",
        "disclosure.house_days.value",
    } <= house
    assert not {"sharing.period", "sharing.bands.surplus_3_5.share", "disclosure.wording", "tender.winners"} & house


def test_silence_has_no_row() -> None:
    keys = {row.key for row in rows(view("jilin", date(2016, 3, 1)))}
    assert "benefits.ratios.highest" not in keys  # only from 2017 on
    assert "disclosure.days" not in keys
    assert not any(row.section == "sharing" for row in rows(view("guangdong", date(2017, 1, 1))))


def test_show_for_people_says_document_clause_and_overrides() -> None:
    assert "〔吉政办发〔2016〕57号 三(三)〕" in answer("show", "jilin", "--on", "2017-03-01")
    assert "as in yunnan-2015" in answer("show", "yunnan", "--on", "2022-07-01")
    assert "yunnan-2022 prevails" in answer("show", "yunnan-2015", "--on", "2022-07-01")


def test_bands_read_as_sentences() -> None:
    shown = answer("show", "jilin", "--on", "2017-03-01")
    for sentence in (
        "surplus from 0% up to 3%: insurer 100% of the whole of the surplus",
        "surplus over 3% up to 5%: insurer 30% of the whole of the surplus",
        "surplus over 5%: insurer as at 5%, plus 0% of the part of the surplus above it",
        "loss over 5% (operating cause): insurer as at 5%, plus 100% of the part of the loss above it, provisional",
        "loss from 5% (policy cause): negotiated, nothing is computed",
    ):
        assert sentence in shown


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["show", "hebei", "--on", "2017-03-01"], "There is no policy pack “hebei”"),
        (["show", "jilin", "--on", "2015-03-01"], "in force from 2016-01-01"),
        (["show", "jilin", "--on", "yesterday"], "yesterday"),
    ],
)
def test_show_refuses_with_one_clear_line(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code != 0
    assert words in result.output
