"""Sharing rules for tests: the words of Jilin J14 written out by hand, and the other shapes an engine must carry."""

from decimal import Decimal

from core.policy.model import (
    BandTreatment,
    Basis,
    Cause,
    Clause,
    ExpenseTreatment,
    Item,
    Metric,
    Reading,
    SharingBand,
    SharingRule,
    Side,
)

J14 = Clause("吉政办发〔2016〕57号", "五（三）", "盈余总额的30％划归承办商业保险机构收益", "J14")
BOTH = (Cause.OPERATING, Cause.POLICY)


def band(
    key: str,
    side: Side,
    lower: str,
    upper: str | None,
    basis: Basis,
    share: str | None,
    *,
    causes: tuple[Cause, ...] = BOTH,
    closed: tuple[bool, bool] = (False, True),
    provisional: bool = False,
    amount: str | None = None,
) -> SharingBand:
    """A band open below and closed above unless `closed` says otherwise."""
    return SharingBand(
        key,
        side,
        Decimal(lower),
        closed[0] or Decimal(lower) == 0,
        None if upper is None else Decimal(upper),
        closed[1],
        basis,
        J14,
        share=None if share is None else Decimal(share),
        amount=None if amount is None else Decimal(amount),
        causes=causes,
        provisional=provisional,
    )


def jilin_rule(beyond: tuple[Basis, str] = (Basis.SLICE, "1"), over_five: tuple[Basis, str] = (Basis.SLICE, "0")):
    """J14 with the readings whole, slice and floor.

    beyond: how an operating loss over 5 % is read (N1 by default; N2 whole/1, N3 whole/0.5, N4 slice/0);
    over_five: how a surplus over 5 % is read (W by default; W′ whole/0.3).
    """
    bands = (
        band("surplus-0-3", Side.SURPLUS, "0", "0.03", Basis.WHOLE, "1"),
        band("surplus-3-5", Side.SURPLUS, "0.03", "0.05", Basis.WHOLE, "0.3"),
        band("surplus-5", Side.SURPLUS, "0.05", None, *over_five),
        band("loss-0-3", Side.LOSS, "0", "0.03", Basis.WHOLE, "1"),
        band("loss-3-5", Side.LOSS, "0.03", "0.05", Basis.WHOLE, "0.5", causes=(Cause.OPERATING,)),
        band("loss-5", Side.LOSS, "0.05", None, *beyond, causes=(Cause.OPERATING,), provisional=True),
        # J10: 达到5％以上 includes 5 %, where the cause is certified as policy.
        band(
            "loss-3-5-policy",
            Side.LOSS,
            "0.03",
            "0.05",
            Basis.WHOLE,
            "0.5",
            causes=(Cause.POLICY,),
            closed=(False, False),
        ),
        band(
            "loss-5-policy",
            Side.LOSS,
            "0.05",
            None,
            Basis.NEGOTIATED,
            None,
            causes=(Cause.POLICY,),
            closed=(True, False),
        ),
    )
    sliced = tuple(BandTreatment(key, Basis.SLICE) for key in ("surplus-3-5", "loss-3-5", "loss-3-5-policy"))
    readings = (
        Reading("whole", "按总额", "盈余总额即全部盈余", default=True),
        Reading("slice", "按超出部分", "只分超过3％的部分", treatments=sliced),
        Reading("floor", "按总额保底", "不低于保费的3％", floor=(Side.SURPLUS,)),
    )
    return surplus_rule(bands, readings, ExpenseTreatment.CAPPED)


def surplus_rule(
    bands: tuple[SharingBand, ...],
    readings: tuple[Reading, ...] = (Reading("text", "照文", "只有一种读法", default=True),),
    expense: ExpenseTreatment = ExpenseTreatment.EXCLUDED,
    metric: Metric = Metric.SURPLUS_RATE,
    **changes: object,
) -> SharingRule:
    """Any corridor on premium less claims, reserve change and expense."""
    return SharingRule(
        metric=metric,
        income=(Item.PREMIUM,),
        cost=(Item.CLAIMS, Item.RESERVE_CHANGE, Item.EXPENSE),
        expense=expense,
        bands=bands,
        readings=readings,
        clause=J14,
        **changes,
    )
