"""What the texts of the evaluation part sound like: a score per box of the form.

Bureaus report what was done and announce what they will do; experts and the review team demand; the reflection
names the budget request. Used only beside the place of a text: tone alone settles nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from toolkit.form.vocabulary import NOT_REVIEWED, REFLECTION_VERDICT, TEAM_VERDICT, URL
from toolkit.readers.text_layer.sequence import NEVER, Piece

__all__ = ["is_verdict", "shape", "verdict_of"]

# every choice opens with a character of its own, what must stand at the beginning too (the place is looked back at): only
# then does a search skip what cannot begin one
_DONE = re.compile(r"(?:した|った|じた|いた|きた|ている(?<!こととしている)|された(?<!こととしされた)|であった)(?:。|$)")
_WILL = re.compile(r"(?:する|図る|いく|増やす|行う|める|検討|改善|予定)(?:。|$)")
_DEMAND = re.compile(
    r"べき|されたい|図ること(?:。|$|\()|行うこと(?:。|$|\()|めること(?:。|$|\()|すること(?:。|$|\()"
    r"|望ま|ほしい|必要がある|求め|ではないか|願いたい|努められたい|検討を"
)
_ASIDE = re.compile(r"※(?<=^※)|ページ\)?】|HP】|紹介ページ|端数|四捨五入|合計が一致|合わない|h(?<=^h)ttps?:")
_NAMED = re.compile(r"\([^()]{2,12}\)$")

#: section -> prior, then pattern and score for each clue
_CLUES: Mapping[str, tuple[float, tuple[tuple[re.Pattern[str], float], ...]]] = {
    "inspection": (0.0, (
        (re.compile(r"確認し|点検し|おおむね|概ね|達成し|妥当|適切に|執行率|把握|評価され"), 1.5), (_DONE, 1.0), (_DEMAND, -2.0),
        (re.compile(r"所見を踏まえ|概算要求"), -1.5))),
    # filled in only where a target year has come: nearly always a dash
    "effect": (-9.0, ((re.compile(r"目標(?:値|年度)?を?(?:達成|上回|下回|に(?:は|対し))|目標年度|効果測定|最終目標|長期アウトカム"), 7.0),)),
    "direction": (0.0, ((_WILL, 1.0), (re.compile(r"努め|図[るっり]|検討|見直|改善|引き続き|こととし"), 1.0), (_DEMAND, -2.0),
                        (re.compile(r"所見を踏まえ|概算要求|縮減し"), -2.0))),
    "external_experts": (0.0, ((NOT_REVIEWED, 9.0), (_DEMAND, 1.5), (_NAMED, 2.0), (re.compile(r"所見を踏まえ|概算要求に"), -3.0))),
    "team": (0.0, ((_DEMAND, 1.5), (re.compile(r"事業の(?:目的|必要性|内容)|引き続き"), 0.5), (re.compile(r"所見を踏まえ|概算要求に"), -2.0),
                   (NOT_REVIEWED, NEVER))),
    "reflection": (0.0, ((re.compile(r"所見を踏まえ|概算要求|要求額|反映し|縮減|▲\d|△\d"), 2.5), (_WILL, 1.0), (_DEMAND, -1.5),
                         (NOT_REVIEWED, NEVER))),
    "public_process": (-1.5, ((re.compile(r"公開プロセス】|【.{0,12}公開プロセス|秋のレビュー|年次公開検証|評価結果[::]|とりまとめ|取りまとめ"), 6.0),)),
    "public_process_response": (-1.5, ((re.compile(r"指摘|対応"), 1.5),)),
    "other_remarks": (-2.5, ((re.compile(r"会計検査院|検査報告|予算執行調査|行政評価|行政監視|決議"), 4.0),)),
    "other_remarks_response": (-2.5, ((re.compile(r"指摘|対応"), 1.5),)),
    "remarks": (-0.5, ((_ASIDE, 4.0), (re.compile(r"補正予算|参照"), 2.0), (_DEMAND, -2.0))),
    "kpi_name": (0.0, ((re.compile(r"計画|閣議決定|閣僚会議|工程表|戦略|方針|ビジョン|大綱"), 2.0), (re.compile(r"。|.{80}"), -4.0),
                       (re.compile(r"https?:"), NEVER))),
    "kpi_place": (0.0, ((re.compile(r"\d(?:頁|ページ)|[pP](?<=^.)\.?\d|第\d+[章節部]|別(?<=^.)紙|図表\d"), 3.0), (re.compile(r"。|.{80}"), -4.0),
                        (re.compile(r"https?:"), NEVER))),
}  # fmt: skip


#: every text is tried in every box, and the boxes share their clues: each is looked for once
_PATTERNS = tuple(dict.fromkeys([_ASIDE, *(pattern for _, clues in _CLUES.values() for pattern, _ in clues)]))


def shape(section: str, piece: Piece) -> float:
    """How well a text sounds like one of this box."""
    if section == "kpi_url":
        return 3.0 if URL.match(piece.folded) else NEVER
    prior, clues = _SCORES[section]
    heard = _heard(piece.folded)
    score = sum([score for number, score in clues if heard[number]])
    return prior + score - 6.0 if heard[0] and section != "remarks" else prior + score


@lru_cache(maxsize=256)
def _heard(text: str) -> tuple[bool, ...]:
    """Which of the clues a text has."""
    return tuple([pattern.search(text) is not None for pattern in _PATTERNS])


#: the same as ``_CLUES``, by the numbers of the clues
_SCORES = {
    section: (prior, [(_PATTERNS.index(pattern), score) for pattern, score in clues])
    for section, (prior, clues) in _CLUES.items()
}


def is_verdict(folded: str) -> bool:
    """Whether a word is one of the verdicts of the review team or of the reflection."""
    return bool(TEAM_VERDICT.fullmatch(folded) or REFLECTION_VERDICT.fullmatch(folded))


def verdict_of(pieces: list[Piece]) -> tuple[Piece | None, Piece | None]:
    """The verdict of the review team and that of the reflection among the printed ones, by their words and order."""
    team = [piece for piece in pieces if TEAM_VERDICT.fullmatch(piece.folded)]
    reflection = [piece for piece in pieces if REFLECTION_VERDICT.fullmatch(piece.folded)]
    first = next((piece for piece in team if piece not in reflection), team[0] if team else None)
    rest = [piece for piece in reflection if piece is not first]
    second = next((piece for piece in rest if piece not in team), rest[-1] if rest else None)
    return first, second
