"""What differs between two texts, piece by piece, for a corrigendum that shows before and after side by side."""

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Piece:
    """A run of signs; changed: it stands on this side only."""

    text: str
    changed: bool


#: Texts of which less than a half is shared are shown as wholly replaced: scattered signs would tell nobody anything.
_SHARED_OF = 2
#: A date, a name or a number is replaced as a whole: nobody reads half a day.
_SHORT = 20


def side_by_side(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both sides cut into pieces, with what was taken out marked on the left and what was put in on the right."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    shared = 2 * sum(block.size for block in matcher.get_matching_blocks())
    little = shared * _SHARED_OF < len(before) + len(after)
    if before != after and (max(len(before), len(after)) <= _SHORT or little):
        return (Piece(before, True),), (Piece(after, True),)
    left, right = [], []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if end > start:
            left.append(Piece(before[start:end], kind != "equal"))
        if other_end > other_start:
            right.append(Piece(after[other_start:other_end], kind != "equal"))
    return tuple(left), tuple(right)
