"""The benchmark table in LaTeX: rules, bold scores and letters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from results import made

from core.evaluation.verdicts.verdict import Difference, Verdict
from core.view.bench_table import BenchTable, bench_tables
from core.view.latex import as_latex, latex_text


def table(letters: tuple[str, str] | None) -> BenchTable:
    (found,) = bench_tables([replace(made(90.0 - i, i + 1), encoder=name) for i, name in enumerate("ab")])
    if letters:
        p = 0.01 if letters == ("a", "b") else 0.5
        pair = Difference("a", "b", 1, 0, 2, p, p, 1, "models")
        found.verdicts = [Verdict("accuracy", ("a", "b"), letters, ((1, 1), (2, 2)), (pair,), 1.0, 9, "row")]
    return found


def test_the_table_has_three_rules_and_one_line_per_row() -> None:
    lines = as_latex(table(None)).splitlines()
    assert lines == [
        r"\begin{tabular}{lrrrr}",
        r"\toprule",
        r"encoder & pos accuracy & parameters & tokens/s & seconds \\",
        r"\midrule",
        r"a & \textbf{90.00} & 10 & 5 & 1.0 \\",
        r"b & 89.00 & 10 & 5 & 1.0 \\",
        r"\midrule",
        r"chance & 0.00 &  &  &  \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


@pytest.mark.parametrize(
    ("letters", "best"),
    [(("a", "b"), r"\textbf{90.00}\textsuperscript{a}"), (("a", "a"), r"90.00\textsuperscript{a}")],
)
def test_a_separated_score_is_bold_and_letters_are_superscripts(letters: tuple[str, str], best: str) -> None:
    lines = as_latex(table(letters)).splitlines()
    assert lines[4] == rf"a & {best} & 10 & 5 & 1.0 \\"
    assert lines[5].startswith(rf"b & 89.00\textsuperscript{{{letters[1]}}} &")
    assert lines[10].startswith("% pos accuracy: a ") and all(line[0] == "%" for line in lines[10:])


def test_every_letter_that_latex_obeys_is_escaped() -> None:
    text = latex_text("a&b%c$d#e_f{g}h~i^j\\k<l>m±\nn")
    plain = r"a\&b\%c\$d\#e\_f\{g\}h\textasciitilde{}i\^{}j\textbackslash{}k\textless{}l\textgreater{}m$\pm$"
    assert text == plain + r"\textbackslash{}nn"
