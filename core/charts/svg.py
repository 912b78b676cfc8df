"""From a canvas to the finished chart: drawn by the process's one converter, then made plain and accessible."""

import functools
import hashlib
import json
import re
from xml.etree import ElementTree

from core.charts.canvas import Canvas
from core.charts.model import Chart, description_from
from core.charts.theme import FONT

_SVG = "http://www.w3.org/2000/svg"
_VEGA_LITE = "6.1"
_NOISE = ("class", "role", "aria-hidden", "aria-label", "aria-roledescription", "pointer-events", "font-family")
_LONG_DECIMAL = re.compile(r"(\d\.\d{2})\d+")


def finish(canvas: Canvas, *, title: str, description: str, table: tuple[tuple[str, ...], ...]) -> Chart:
    """The chart of a canvas, with title, description (the table read aloud when empty) and table."""
    description = description or description_from(title, table)
    drawn = _drawn(json.dumps(canvas.spec(), ensure_ascii=False))
    return Chart(svg=_accessible(drawn, canvas, title, description), title=title, description=description, table=table)


@functools.lru_cache(maxsize=256)
def _drawn(spec: str) -> str:
    """Vega's SVG of a specification. Kept, because a page shows the same chart again long before its data change."""
    import vl_convert  # loading it takes a while, and most processes draw nothing

    svg: str = vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE)
    return svg


def _accessible(drawn: str, canvas: Canvas, title: str, description: str) -> str:
    """Vega's own roles and labels name every mark; one title and one description serve a reader better."""
    root = ElementTree.fromstring(drawn)  # noqa: S314  (our own converter's output)
    _strip(root)
    body = "".join(ElementTree.tostring(child, encoding="unicode") for child in root)
    words = (("title", title), ("desc", description))
    key = "c" + hashlib.sha256((title + description + body).encode()).hexdigest()[:10]
    named = "".join(f'<{tag} id="{key}-{tag}">{_escaped(text)}</{tag}>' for tag, text in words)
    width, height = _number(canvas.width), _number(canvas.height)
    return (
        f'<svg xmlns="{_SVG}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{key}-title {key}-desc"'
        f' focusable="false" font-family="{FONT}, sans-serif">{named}{body}</svg>'
    )


def _strip(element: ElementTree.Element) -> None:
    """Drop Vega's noise, and the namespace from the names: the written <svg> declares it once.

    Prefixes are the process's, and a library that registers its own (qrcode does) would change what is written here.
    """
    element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
    for name in _NOISE:
        element.attrib.pop(name, None)
    for name, value in element.attrib.items():
        element.set(name, _LONG_DECIMAL.sub(r"\1", value))
    for child in list(element):
        if child.tag == f"{{{_SVG}}}path" and child.get("class") in ("background", "foreground"):
            element.remove(child)
        else:
            _strip(child)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _number(value: float) -> str:
    return f"{value:g}"
