"""The closed lists of the tender room; the tables and the rules share them."""

from enum import Enum


class Scheme(Enum):
    """险种: which residents' critical-illness insurance."""

    NRCMS = "nrcms"  # 新农合大病保险
    URBAN = "urban"  # 城镇居民大病保险
    RESIDENT = "resident"  # 城乡居民大病保险


class PriceObject(Enum):
    """What is bid (regulation C.2); a fixed price is not scored."""

    PREMIUM_PER_HEAD = "premium_per_head"
    TOTAL_PREMIUM = "total_premium"
    FEE_AMOUNT = "fee_amount"
    FEE_RATE = "fee_rate"
    PROFIT_RATE = "profit_rate"
    FIXED = "fixed"


class SecurityForm(Enum):
    """How a performance security is given: by cheque, guarantee or otherwise, never in cash (REG art. 48)."""

    TRANSFER = "transfer"  # 银行转账
    CHEQUE = "cheque"  # 支票
    DRAFT = "draft"  # 汇票
    NOTE = "note"  # 本票
    BANK_GUARANTEE = "bank_guarantee"  # 金融机构保函
    GUARANTEE = "guarantee"  # 担保机构保函
    CONVERTED = "converted"  # 投标保证金转入

    @property
    def lapses(self) -> bool:
        """Whether it is a guarantee, which holds to a last day of its own."""
        return self in (SecurityForm.BANK_GUARANTEE, SecurityForm.GUARANTEE)


class SplitMethod(Enum):
    """How the insured of a lot are divided between its winners; the papers leave it to the tender (regulation I.9)."""

    SHARE = "share"
    DISTRICT = "district"


class AwardRule(Enum):
    """Whether one insurer may win several lots (兼投兼中 / 兼投不兼中)."""

    WIN_ALL = "win_all"
    WIN_ONE = "win_one"


class ScoreBlock(Enum):
    """The three blocks of a scoring table."""

    PRICE = "price"
    COMMERCIAL = "commercial"
    TECHNICAL = "technical"


class CriterionKind(Enum):
    """How points follow from a bid: the statutory price formula, closed intervals of a number, or described levels."""

    FORMULA = "formula"
    INTERVALS = "intervals"
    LEVELS = "levels"


class NoticeKind(Enum):
    """公告 by kind; the contract notice belongs to the contracts room but stands in the same public list."""

    TENDER = "tender"
    CORRIGENDUM = "corrigendum"
    AWARD = "award"
    CONTRACT = "contract"
    FAILURE = "failure"
    CANCELLATION = "cancellation"
    RESULT_CHANGE = "result_change"


class EnvelopeKind(Enum):
    """技术标 and 价格标: opened at different stages, under different keys."""

    TECHNICAL = "technical"
    PRICE = "price"


class Superseded(Enum):
    """Why an envelope counts for nothing: another took its place, its bid was taken back (87 art. 34), or it was
    uploaded and no submission ever named it.
    """

    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    UNSUBMITTED = "unsubmitted"


class CommitteeSeat(Enum):
    """Who sits on the evaluation committee (87 art. 47)."""

    EXPERT = "expert"
    PURCHASER = "purchaser"


class QueryAbout(Enum):
    """What a query is about; its time runs from another day for each (94 art. 11)."""

    DOCUMENT = "document"
    PROCESS = "process"
    RESULT = "result"


class QueryOutcome(Enum):
    """What the reply finds (94 art. 16)."""

    UNFOUNDED = "unfounded"
    NO_EFFECT = "no_effect"
    AFFECTS = "affects"


class ComplaintOutcome(Enum):
    """What the finance department decides on a complaint (94 art. 29, 31, 32)."""

    REJECTED = "rejected"
    FOUNDED = "founded"


class RemedyRoute(Enum):
    """What a founded query or complaint leads to (94 art. 16, 31, 32)."""

    CORRECT = "correct"  # the tender document is corrected and the tender goes on
    RESTART = "restart"  # the lot or the tender ends and is begun again
    NEXT = "next"  # the award is void and another candidate is fixed
    DAMAGES = "damages"  # the contract is performed: damages are a matter for the court
