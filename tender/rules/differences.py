"""What differs between two texts, piece by piece, for a corrigendum that shows before and after side by side."""

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Piece:
    """A run of signs; changed: it stands on this side only."""

    text: str
    changed: bool


#: Texts that share less than this are shown as wholly replaced: scattered single signs would tell nobody anything.
_ALIKE = 0.5
#: A date, a name or a number is replaced as a whole: nobody reads half a day.
_SHORT = 20


def side_by_side(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both sides cut into pieces, with what was taken out marked on the left and what was put in on the right."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if before != after and (max(len(before), len(after)) <= _SHORT or matcher.ratio() < _ALIKE):
        return (Piece(before, True),), (Piece(after, True),)
    left, right = [], []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if end > start:
            left.append(Piece(before[start:end], kind != "equal"))
        if other_end > other_start:
            right.append(Piece(after[other_start:other_end], kind != "equal"))
    return tuple(left), tuple(right)
