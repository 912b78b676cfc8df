"""A corrigendum marks what was taken out and what was put in; nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tender.rules.differences import Piece, side_by_side


def marked(pieces: tuple[Piece, ...]) -> str:
    """The pieces as a text with the changed ones in brackets."""
    return "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        (
            "中标人应当在每县设服务网点，并配备医学背景的人员。",
            "中标人应当在每乡设服务网点，并配备医学背景的人员。",
            "中标人应当在每[县]设服务网点，并配备医学背景的人员。",
            "中标人应当在每[乡]设服务网点，并配备医学背景的人员。",
        ),
        ("2016年9月6日9时30分", "2016年9月12日9时30分", "[2016年9月6日9时30分]", "[2016年9月12日9时30分]"),
        ("出院时结算。", "出院时结算。", "出院时结算。", "出院时结算。"),
        ("—", "依法不予支付的费用。", "[—]", "[依法不予支付的费用。]"),
    ],
)
def test_only_what_differs_is_marked(before: str, after: str, left: str, right: str) -> None:
    assert tuple(map(marked, side_by_side(before, after))) == (left, right)


@given(st.text(alphabet="甲乙丙丁", max_size=30), st.text(alphabet="甲乙丙丁", max_size=30))
def test_the_pieces_of_each_side_are_the_whole_text(before: str, after: str) -> None:
    left, right = side_by_side(before, after)
    assert "".join(piece.text for piece in left) == before
    assert "".join(piece.text for piece in right) == after
