r"""The benchmark table as a LaTeX tabular for ``\input``; it needs the package booktabs."""

from __future__ import annotations

from collections.abc import Sequence

from core.printable import one_line
from core.view.bench_table import COSTS, BenchTable, best_rows, cost_texts, headings, lines_below
from core.view.rows import Score, marked

ESCAPES = str.maketrans(
    {
        **{letter: f"\\{letter}" for letter in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\^{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "±": r"$\pm$",
    }
)


def as_latex(table: BenchTable) -> str:
    """The table as a tabular; the best score of a column is in bold, and letters of verdicts are superscripts.

    With verdicts, a best score is in bold only if its row is separated from every other one. What the verdicts say
    follows as comments.
    """
    shown = {name: latex_text(marked(name, table.runs[name])) for name in table.rows}
    body = [_line([text, *_cells(table, name), *cost_texts(table.costs[name])]) for name, text in shown.items()]
    below = [
        _line([name, *(latex_text(str(score)) for score in scores), *[""] * len(COSTS)])
        for name, scores in table.baselines.items()
        if any(score.runs for score in scores)
    ]
    heads = ["encoder", *map(latex_text, headings(table)), *COSTS]
    rules = [rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}", r"\toprule", _line(heads), r"\midrule"]
    parts = [*rules, *body, *([r"\midrule", *below] if below else []), r"\bottomrule", r"\end{tabular}"]
    return "\n".join([*parts, *(f"% {one_line(line)}" for line in lines_below(table))])


def latex_text(text: str) -> str:
    """Text that LaTeX prints as it is, on one line."""
    escaped = one_line(text).translate(ESCAPES)
    return "{}" + escaped if escaped.lstrip()[:1] in ("[", "*") else escaped  # else an argument of the line before


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cells(table: BenchTable, name: str) -> list[str]:
    """The scores of a row."""
    return [_cell(table, index, name, score) for index, score in enumerate(table.rows[name])]


def _cell(table: BenchTable, index: int, name: str, score: Score) -> str:
    """A score with its letters."""
    verdict, text = table.verdict(index), latex_text(str(score))
    if name in best_rows(table, index):
        text = rf"\textbf{{{text}}}"
    if verdict is None or name not in verdict.names:
        return text
    return rf"{text}\textsuperscript{{{verdict.letters[verdict.names.index(name)]}}}"
