"""A price sheet is corrected in the order of Order 87 art. 59, and by nothing else."""

from decimal import Decimal

import pytest

from core.money import rmb_upper
from tender.rules.price_order import Declared, SheetReading, read_sheet
from tender.rules.prices import words_of
from tender.rules.splitting import quantity_of
from tender.rules.words import PriceObject

#: Two million insured for three years.
PERSON_YEARS = Decimal(6_000_000)
#: What a rate is taken of: the budget of the lot.
BUDGET = Decimal("49500000.00")
#: As good as no ceiling: the table is about corrections.
NO_CEILING = Decimal(10**12)
PER_HEAD, TOTAL, RATE = PriceObject.PREMIUM_PER_HEAD, PriceObject.TOTAL_PREMIUM, PriceObject.FEE_RATE


def read(object_: PriceObject, price: str, beside: str | None, **more: str) -> SheetReading:
    """The reading of a sheet whose words agree with its figures, unless said otherwise. more: of `Declared`."""
    figures = {name: Decimal(more.pop(name)) for name in ("quantity", "elsewhere") if name in more}
    words = more.pop("words", None) or words_of(Decimal(price), object_)
    declared = Declared(Decimal(price), words, Decimal(beside) if beside else None, **figures, **more)  # type: ignore[arg-type]
    quantity = quantity_of(object_, 2_000_000, 3, BUDGET)
    return read_sheet(declared, object_, NO_CEILING, quantity, "ORDER87_2017")


@pytest.mark.parametrize(
    ("object_", "price", "beside", "steps", "corrected", "other"),
    [
        # Unit price and total say the same: nothing is corrected.
        (PER_HEAD, "37.00", "222000000.00", [], "37.00", "222000000.00"),
        (TOTAL, "222000000.00", "37.00", [], "222000000.00", "37.00"),
        (RATE, "0.08", "3960000.00", [], "0.08", "3960000.00"),
        (PER_HEAD, "37.00", None, [], "37.00", None),  # an older sheet, without a total
        (PriceObject.FEE_AMOUNT, "8260000.00", "1.00", [], "8260000.00", None),  # one amount: made of nothing
        # Step 3: the point of the unit price has slipped by one, two or three places, either way.
        (PER_HEAD, "370.00", "222000000.00", [3], "37.00", "222000000.00"),
        (PER_HEAD, "3.70", "222000000.00", [3], "37.00", "222000000.00"),
        (PER_HEAD, "3700.00", "222000000.00", [3], "37.00", "222000000.00"),
        (PER_HEAD, "0.37", "222000000.00", [3], "37.00", "222000000.00"),
        (PER_HEAD, "37000.00", "222000000.00", [3], "37.00", "222000000.00"),
        (RATE, "8", "3960000.00", [3], "0.08", "3960000.00"),  # 8 for 8 %
        (RATE, "0.0008", "3960000.00", [3], "0.08", "3960000.00"),
        (RATE, "0.8", "3960000.00", [3], "0.08", "3960000.00"),
        (TOTAL, "222000000.00", "370.00", [3], "222000000.00", "37.00"),
        # A total that the unit price only gives when rounded to the fen: the slip is as evident.
        (TOTAL, "222000001.00", "3.70", [3], "222000001.00", "37.00"),
        # Not evident: four places, or a slip that the total does not bear out.
        (PER_HEAD, "370000.00", "222000000.00", [4], "370000.00", "2220000000000.00"),
        (PER_HEAD, "370.00", "222000001.00", [4], "370.00", "2220000000.00"),
        (PER_HEAD, "37.05", "2223000.00", [4], "37.05", "222300000.00"),  # the point would stand behind half a fen
        (RATE, "0.08", "4000000.00", [4], "0.08", "3960000.00"),
        # Step 4: the unit price governs.
        (PER_HEAD, "37.00", "220000000.00", [4], "37.00", "222000000.00"),
        (TOTAL, "220000000.00", "37.00", [4], "222000000.00", "37.00"),
        (TOTAL, "222000001.00", "37.00", [4], "222000000.00", "37.00"),  # one yuan is a difference too
    ],
)  # fmt: skip
def test_unit_price_and_total_are_corrected_as_the_order_says(
    object_: PriceObject, price: str, beside: str | None, steps: list[int], corrected: str, other: str | None
) -> None:
    reading = read(object_, price, beside)
    assert [step.number for step in reading.steps] == steps
    assert reading.price == Decimal(corrected)
    assert reading.beside == (Decimal(other) if other else None)
    assert reading.fault is None


@pytest.mark.parametrize(
    ("price", "more", "beside", "steps", "corrected", "other"),
    [
        # Step 1 alone: what the other papers of the bid say is passed over.
        ("37.00", {"elsewhere": "36.00", "place": "分项报价表"}, "222000000.00", [1], "37.00", "222000000.00"),
        ("37.00", {"elsewhere": "37.00", "place": "分项报价表"}, "222000000.00", [], "37.00", "222000000.00"),
        # Step 2 alone: of the price, of the total, of both.
        ("37.50", {"words": "叁拾柒元整"}, None, [2], "37.00", None),
        ("37.00", {"beside_words": rmb_upper(Decimal(222_000_000))}, "223000000.00", [2], "37.00", "222000000.00"),
        ("37.50", {"words": "叁拾柒元整", "beside_words": rmb_upper(Decimal(222_000_000))}, "1.00", [2, 2], "37.00",
         "222000000.00"),
        # Step 2 before step 3: the words of the unit price carry the slip, and so it is still one.
        ("37.00", {"words": "叁佰柒拾元整"}, "222000000.00", [2, 3], "37.00", "222000000.00"),
        # Step 2 before step 4: figures and total agree, but the words are what counts.
        ("37.00", {"words": "叁拾捌元整"}, "222000000.00", [2, 4], "38.00", "228000000.00"),
        # Step 2 leaves nothing for step 4: the words are what the total was reckoned from.
        ("73.00", {"words": "叁拾柒元整"}, "222000000.00", [2], "37.00", "222000000.00"),
        # All of them.
        ("73.00", {"elsewhere": "36", "place": "投标函", "words": "叁佰柒拾元整"}, "222000000.00", [1, 2, 3], "37.00",
         "222000000.00"),
        ("73.00", {"elsewhere": "36", "place": "投标函", "words": "叁拾捌元整"}, "222000000.00", [1, 2, 4], "38.00",
         "228000000.00"),
    ],
)  # fmt: skip
def test_several_faults_are_corrected_in_their_order(
    price: str, more: dict[str, str], beside: str | None, steps: list[int], corrected: str, other: str | None
) -> None:
    reading = read(PER_HEAD, price, beside, **more)
    assert [step.number for step in reading.steps] == steps
    assert (reading.price, reading.beside) == (Decimal(corrected), Decimal(other) if other else None)


def test_every_step_names_what_it_did_and_its_item_of_the_article() -> None:
    reading = read(PER_HEAD, "73.00", "222000000.00", elsewhere="36.00", place="投标函", words="叁佰柒拾元整")
    assert [(step.text, step.clause) for step in reading.steps] == [
        ("投标文件其他内容（投标函）所载报价36.00元与开标一览表不一致，以开标一览表73.00元为准",
         "财政部令第87号第59条第（一）项"),
        ("大写金额与小写金额不一致，以大写金额370.00元为准", "财政部令第87号第59条第（二）项"),
        ("单价370.00元小数点明显错位，以开标一览表总价222,000,000.00元为准，单价修正为37.00元",
         "财政部令第87号第59条第（三）项"),
    ]  # fmt: skip
    (four,) = read(RATE, "0.08", "4000000.00").steps
    assert four.text == (
        "总价4,000,000.00元与按单价8%和数量49,500,000.00计算的3,960,000.00元不一致，以单价计算结果为准"
    )


def test_under_order_18_the_steps_stand_in_one_article() -> None:
    declared = Declared(Decimal("370.00"), "叁佰柒拾元整", Decimal("222000000.00"))
    reading = read_sheet(declared, PER_HEAD, NO_CEILING, PERSON_YEARS, "ORDER18_2004")
    assert [(step.number, step.clause) for step in reading.steps] == [(3, "财政部令第18号第41条")]


@pytest.mark.parametrize(("stated", "remarked"), [("6000000", False), ("5000000", True)])
def test_the_quantity_is_the_tender_documents(stated: str, remarked: bool) -> None:
    reading = read(PER_HEAD, "37.00", "222000000.00", quantity=stated)
    assert (reading.steps, reading.fault) == ((), None)
    assert bool(reading.remark) is remarked


@pytest.mark.parametrize(
    ("price", "words", "beside", "fault"),
    [
        ("40.00", "肆拾元整", "240000000.00", None),  # the ceiling itself is allowed
        ("40.01", "肆拾元零壹分", "240060000.00", "报价 40.01 超过最高限价 40.00"),
        ("400.00", "肆佰元整", "240000000.00", None),  # a slip above the ceiling is corrected before it is compared
        ("0.00", "零元整", None, "报价必须大于零"),
        ("38.50", "三十八元五角", None, "大写金额“三十八元五角”无法辨认"),
    ],
)
def test_a_corrected_price_is_held_against_the_ceiling(
    price: str, words: str, beside: str | None, fault: str | None
) -> None:
    declared = Declared(Decimal(price), words, Decimal(beside) if beside else None)
    assert read_sheet(declared, PER_HEAD, Decimal("40.00"), PERSON_YEARS, "ORDER87_2017").fault == fault


def test_a_total_whose_words_nobody_can_read_makes_the_sheet_unreadable() -> None:
    declared = Declared(Decimal("37.00"), "叁拾柒元整", Decimal("222000000.00"), "两亿两千万")
    assert read_sheet(declared, PER_HEAD, NO_CEILING, PERSON_YEARS, "ORDER87_2017").fault == (
        "总价大写金额“两亿两千万”无法辨认"
    )
