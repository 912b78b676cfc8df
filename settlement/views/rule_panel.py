"""What a paper's sharing rule leads to, on the page of its pack: jumps and temptations in yuan, under every reading."""

from decimal import Decimal
from typing import Any

from flask import render_template, request
from flask_babel import gettext
from markupsafe import Markup

from core.money import MoneyError, yuan
from core.policy.advice import Panel, panels
from core.policy.model import SharingRule
from core.policy.pack import PolicyView
from settlement.charts import rule_chart
from settlement.rules.incentives import incentives, of_premium
from settlement.rules.words import Said, warnings
from settlement.views import labels

#: The size of contract that is looked at where the reader gives none.
USUAL_PREMIUM = Decimal(100_000_000)


def say(sentence: Said) -> str:
    """A sentence in the reader's language."""
    values = {name: say(value) if isinstance(value, Said) else value for name, value in sentence.values.items()}
    return gettext(sentence.message, **values)


def of_rule(rule: SharingRule, premium: Decimal) -> dict[str, Any]:
    """What the template `settlement/rule_parts.html` shows of a rule for a contract of a premium."""
    inputs = of_premium(premium)
    found = {one.name: incentives(rule, inputs, one.name) for one in rule.readings}
    charts = [rule_chart(rule, inputs, None, say, point=False, width=width) for width in ("wide", "narrow")]  # type: ignore[arg-type]
    return {
        "wide": Markup(charts[0].svg),  # noqa: S704  (our own drawing)
        "narrow": Markup(charts[1].svg),  # noqa: S704
        "table": charts[0].table,
        "readings": [
            {
                "name": labels.reading_name(rule, one.name),
                "default": one.default,
                "sound": found[one.name].sound,
                "warnings": [say(sentence) for sentence in warnings(found[one.name])],
            }
            for one in rule.readings
        ],
        "premium": premium,
    }


def asked_premium() -> Decimal | None:
    """The premium in the address; None where it is no amount above zero."""
    given = request.args.get("premium")
    try:
        premium = USUAL_PREMIUM if given is None else yuan(given.replace(",", "").strip())
    except MoneyError:
        return None
    return premium if 0 < premium < Decimal(10) ** 13 else None


def panel(seen: PolicyView) -> Panel | None:
    """The section of the pack's page; nothing where the paper leaves sharing to the contract."""
    if seen.sharing is None:
        return None
    premium = asked_premium()
    body = render_template(
        "settlement/rule_panel.html",
        shown=of_rule(seen.sharing, premium or USUAL_PREMIUM),
        given=request.args.get("premium", f"{USUAL_PREMIUM:,}"),
        wrong=premium is None,
        day=seen.on,
    )
    return Panel("incentives", gettext("What the sharing rule leads to"), Markup(body))  # noqa: S704


panels.append(panel)
