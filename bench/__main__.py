"""`python -m bench [name …]`: run the benchmarks and print one line a comparison."""

import importlib
import logging
import sys
from pathlib import Path

from bench import Ratio

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    """Print every ratio as it is measured. Returns 1 for a benchmark that there is not."""
    known = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 1
    logging.disable(logging.INFO)  # a line for each of a thousand requests would bury the table
    print(f"{'measured':<46} {'ours':>10}   {'baseline':<34} {'takes':>10} {'ratio':>8}")
    for name in names or known:
        for ratio in importlib.import_module(f"bench.{name}").ratios():
            print(_line(ratio), flush=True)
    return 0


def _line(ratio: Ratio) -> str:
    ours, theirs = f"{ratio.ours * 1000:,.2f} ms", f"{ratio.theirs * 1000:,.2f} ms"
    return f"{ratio.what:<46} {ours:>10}   {ratio.baseline:<34} {theirs:>10} {ratio.ratio:>7.3g}×"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
