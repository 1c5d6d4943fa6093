"""Pieces of a page: what a notebook cell shows, as HTML that is safe and the same on every run.

Every text of a sheet goes through ``escape``; a fragment never carries a random id, a path of this machine or
a link to anything but an http address that the sheet itself prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape, unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.plain import plain
from toolkit.plots.canvas import words_width
from toolkit.plots.picture import svg
from toolkit.plots.style import caption, close, either, text_width
from toolkit.plots.units import Unit
from toolkit.reports.references import short_refs
from toolkit.reports.words import HEADINGS, word
from toolkit.schema import Column
from toolkit.tables import TABLES
from toolkit.wording import check_language, format_count, format_rate

if TYPE_CHECKING:
    from IPython.display import Image
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "ABOVE",
    "NONE",
    "Fragment",
    "figure",
    "heading",
    "matrix_html",
    "note",
    "picture",
    "prose",
    "table",
    "table_html",
    "table_unit",
    "text_html",
]

_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&*+,;=%\[\]-]+")

#: columns of coded values that the declarations leave open
_CODED = ("kind", "reason")


#: value of a cell that goes on from the row above
ABOVE = "\ue000"

#: a cell without a value
NONE = '<span class="none">–</span>'

_LONG = 16  # rows beyond which a table scrolls within its box
_FEW, _MANY = 3, 14  # columns that fit on a phone; those that the style sheet knows how to name in a card
_PHONE = 30  # ems of small figures that a phone is wide


class Fragment:
    """A piece of HTML that a notebook displays; ``+`` puts two below each other. ``about`` is kept beside the output."""

    def __init__(self, html: str, plain: str = "", about: Mapping[str, Any] | None = None) -> None:
        self.html = html
        self.plain = plain or re.sub(r"<[^>]+>", "", html)[:80]
        self.about = dict(about or {})

    def __add__(self, other: Fragment) -> Fragment:
        sections = [*self.about.get("sections", []), *other.about.get("sections", [])]
        about = {**self.about, **other.about, **({"sections": sections} if sections else {})}
        html, plain = ("\n".join(filter(None, both)) for both in ((self.html, other.html), (self.plain, other.plain)))
        return Fragment(html, plain, about)

    def __repr__(self) -> str:
        return self.plain

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        about = {"review_sheet": self.about} if self.about else {}
        return {"text/html": self.html, "text/plain": self.plain}, about


def text_html(text: object) -> str:
    """Text of a sheet as HTML: escaped, line breaks kept, printed http addresses as links."""
    out, last = [], 0
    raw = str(text)
    for found in _URL.finditer(raw):
        url = escape(found.group())
        out += [escape(raw[last : found.start()]), f'<a href="{url}" rel="noreferrer">{url}</a>']
        last = found.end()
    return "".join([*out, escape(raw[last:])]).replace("\n", "<br>")


def heading(section: str, language: str) -> Fragment:
    """Heading of one of the report's sections, with the anchor that its table of contents links to."""
    check_language(language)
    title = HEADINGS[section][language != "ja"]
    return Fragment(f'<h2 id="{section}">{title}</h2>', title, {"sections": [{"anchor": section, "title": title}]})


def prose(sentences: Iterable[str], language: str) -> Fragment:
    """Sentences as one paragraph."""
    text = either(language, "", " ").join(sentences)
    return Fragment(f"<p>{text_html(text)}</p>", text) if text else Fragment("", "")


def note(text: str) -> Fragment:
    """One quiet line, for instance why there is nothing to show."""
    return Fragment(f'<p class="note">{text_html(text)}</p>', text)


def picture(figure: Figure, width: int = 760) -> Image:
    """A page that ``toolkit.draw`` coloured, as a PNG image shown ``width`` pixels wide."""
    from IPython.display import Image

    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=round(width * 1.5 / figure.get_figwidth()), metadata={"Software": None})
    return Image(data=buffer.getvalue(), width=width)


def figure(ax: Axes) -> Fragment:
    """A plot with its title as caption and its alternative text; one that is empty becomes a plain sentence."""
    words = caption(ax)
    picture = "" if words.is_empty else svg(ax)
    close(ax)
    if words.is_empty:
        return note(words.title)
    box = "folding" if ' class="fold" ' in picture[:2000] else "scroll"
    return Fragment(
        f'<figure><figcaption>{escape(words.title)}</figcaption>\n<div class="{box}">{picture}</div></figure>',
        words.title,
    )


def table(
    frame: pd.DataFrame | list[dict[str, Any]],
    columns: Sequence[str],
    language: str,
    *,
    of: str,
    title: str | None = None,
    labels: Mapping[str, str] | None = None,
    empty: str = "",
) -> Fragment:
    """``columns`` of ``frame``, or of plain rows, as a table, labelled and formatted as ``toolkit.TABLES[of]`` declares them.

    Money (``_jpy``) is in million yen with the decimals it needs; a ratio is a percentage, a coded value a word. Columns
    without any value are left out. Rows that are not settled are marked. ``labels`` names columns that ``of`` does
    not have; ``title`` stands above (default: the table's name); ``empty`` is shown where there are no rows.
    """
    if not len(frame):
        return note(empty) if empty else Fragment("", "")
    title = TABLES[of].label(language) if title is None else title
    declared = {column.name: column for column in TABLES[of].columns}
    declared |= {
        name: Column(name, "Int64", name, name, "yen")
        for name in columns
        if name.endswith("_jpy") and name not in declared
    }
    if isinstance(frame, list):
        held = {name: [row.get(name) for row in frame] for name in (*columns, "certainty")}
    else:
        held = {name: plain(frame[name]) for name in (*columns, "certainty") if name in frame}
    unit = table_unit(held, [name for name in columns if name in declared and declared[name].unit == "yen"], language)
    heads, cells, names = [], [], []
    for name in columns:
        values = held.get(name, [])
        if all(value is None or value != value for value in values):
            continue
        column = declared.get(name)
        label = (labels or {}).get(name) or (column.label(language) if column else name)
        is_money = column is not None and column.unit == "yen"
        unit_html = f"<small>{unit.label}</small>" if is_money else ""
        names.append(label.replace("\n", " ") + (f" {unit.label}" if is_money else ""))
        shown = [_cell(value, name, column, unit, language) for value in values]
        kind = _kind(name, shown, column) + (" group" if ABOVE in values else "")
        heads.append(f'<th scope="col" class="{kind}">{escape(label).replace(chr(10), "<br>")}{unit_html}</th>')
        cells.append([f'<td class="{kind}">{text}</td>' for text in shown])
    unsure = [value == "unsettled" for value in held.get("certainty", [None] * len(frame))]
    rows = [
        f"<tr{' class=unsettled' if doubt else ''}>{''.join(row)}</tr>"
        for doubt, row in zip(unsure, zip(*map(_spanned, cells), strict=True), strict=True)
    ]
    is_matrix = any(" group" in head for head in heads)
    if is_matrix:
        whole = matrix_html(heads, rows, title)
    else:
        whole = table_html(heads, rows, title, names if _FEW < len(names) <= _MANY else ())
    return Fragment(
        whole + (_unsure_note(language) if any(unsure) else ""),
        title or f"{TABLES[of].label(language)}: {len(frame)}",
    )


def _spanned(column: list[str]) -> list[str]:
    """Cells of a column; one that holds ``ABOVE`` is part of the cell above it."""
    spans: list[str] = []
    first = 0
    for n, cell in enumerate(column):
        if n and cell.endswith(f">{ABOVE}</td>"):
            spans.append("")
            rows = n - first + 1
            spans[first] = re.sub(r"^<td(?: rowspan=\d+)?", f"<td rowspan={rows}", spans[first])
        else:
            first = n
            spans.append(cell)
    return spans


def table_html(heads: Iterable[str], rows: Sequence[str], title: str = "", names: Sequence[str] = ()) -> str:
    """Rows of cells in a box of their own, in which a wide or long table scrolls; ``title`` becomes its caption.

    With ``names`` of the columns each row is a card on a phone, where every cell says the name of its column.
    """
    words = "".join(f"--c{n}:'{_quoted(name)}';" for n, name in enumerate(names, 1))
    return _boxed(heads, rows, title, f' class="cards" style="{words}"' if words else "")


def matrix_html(heads: Sequence[str], rows: Sequence[str], title: str = "") -> str:
    """A table as ``table_html`` whose columns of class ``group`` name what the others give figures for.

    On a phone these names stand above their figures, which then fit side by side; where even so they do not, they scroll.
    """
    figures = [
        re.findall(r"<t[hd] (?![^>]*\b(?:group|place)\b)[^>]*>(.*?)</t[hd]>", row) for row in ("".join(heads), *rows)
    ]
    widest = max(
        words_width(line, 72)
        for row in figures
        for cell in row
        for line in unescape(re.sub("<[^>]+>", "\n", cell)).split("\n")
    )
    count = max(map(len, figures))
    third = re.findall(r'<th [^>]*\bgroup">(.*?)</th>', "".join(heads))[2:3]
    words = "".join(f"--c3:'{_quoted(unescape(name))}';" for name in third)
    is_fit = count * (widest + 0.5) < _PHONE
    return _boxed(
        heads,
        rows,
        title,
        f' class="matrix{" fit" if is_fit else ""}" style="{words}--n:{count};--w:{widest + 0.2:.1f}em"',
    )


def _boxed(heads: Iterable[str], rows: Sequence[str], title: str, look: str) -> str:
    caption_html = f"<caption>{escape(title)}</caption>" if title else ""
    head = f"<thead><tr>{''.join(heads)}</tr></thead>" if heads else ""
    body = "\n".join(rows)
    kind = "scroll tall" if len(rows) > _LONG else "scroll"
    return f'<div class="{kind}" tabindex="0"><table{look}>{caption_html}{head}\n<tbody>{body}</tbody></table></div>'


def _quoted(name: str) -> str:
    """A name as a string of a style sheet within an attribute."""
    return escape(name.replace("\\", "").replace("'", "’"))


def _unsure_note(language: str) -> str:
    text = either(
        language,
        "？の付いた行は、原文だけでは確定できない読み方を含む。",
        "Rows marked ? hold readings that the source alone does not settle.",
    )
    return f'<p class="note">{text}</p>'


def _kind(name: str, shown: list[str], column: Column | None) -> str:
    """The look of a column: figures to the right, short words on one line, long text wide enough to read."""
    plain = [re.sub(r"<[^>]+>", "", text) for text in shown]
    if (
        (column is None or column.dtype != "string")
        and name != "fiscal_year"
        and all(re.fullmatch(r"[\d.,%−<–/ -]*", text) for text in plain)
    ):
        return "number"
    if name.endswith("sheet_id"):
        return "text short"
    widest = max(text_width(unescape(text), 72) for text in plain)
    return "text long" if widest > 26 else "text" if widest > 9 else "text short"


def table_unit(columns: Mapping[str, list[Any]], money: list[str], language: str) -> Unit:
    """Million yen as the sheets print it, with up to three decimals where amounts need them; yen below a million."""
    known = [
        abs(int(value)) for name in money for value in columns.get(name, ()) if value is not None and value == value
    ]
    if known and max(known) < 1_000_000:
        return Unit(1, either(language, "円", "yen"), 0)
    decimals = next((n for n in range(3) if all(value * 10**n % 1_000_000 == 0 for value in known)), 3)
    return Unit(1_000_000, either(language, "百万円", "million yen"), decimals)


def _cell(value: Any, name: str, column: Column | None, unit: Unit, language: str) -> str:
    if value is None or value is pd.NA or value != value:
        return NONE
    if column is not None and column.unit == "yen":
        return escape(unit.number(value))
    if column is not None and column.unit == "ratio":
        return format_rate(value, language)
    if isinstance(value, bool):
        return either(language, "はい", "yes") if value else either(language, "いいえ", "no")
    if name == "fiscal_year" or (column is not None and column.unit == "fiscal year"):
        return str(int(value))
    if name == "source_ref":
        return text_html(short_refs(str(value), language))
    if isinstance(value, int | float):
        return format_count(value, language)
    is_coded = column is not None and (column.allowed or name in _CODED)
    return text_html(word(value, language) if is_coded else value)
