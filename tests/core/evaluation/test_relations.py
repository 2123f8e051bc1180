"""The official score of SemEval-2010 task 8: by hand, by its definition, and as its Perl scorer computes it."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from core.evaluation.relations import relation_name, relation_sums, relation_table, relations_of

RELATIONS = ("Cause-Effect", "Component-Whole", "Content-Container", "Entity-Origin", "Message-Topic")
LABELS = [f"{name}({sides})" for name in RELATIONS for sides in ("e1,e2", "e2,e1")] + ["Other"]

# What the official scorer computes from two files of "number<tab>label": a wrong direction is a wrong
# proposal of the relation, and the mean is over the relations of the key.
PERL = r"""
use strict; my (%gold, %own, %right, %true, %proposed);
sub load { my ($file, $hash) = @_; open(my $in, '<', $file) or die;
    while (<$in>) { chomp; my ($id, $label) = split /\t/; $$hash{$id} = $label } }
load($ARGV[0], \%own); load($ARGV[1], \%gold);
foreach my $id (keys %gold) {
    my ($g, $p) = ($gold{$id}, $own{$id});
    (my $gr = $g) =~ s/\(e[12],e[12]\)$//; (my $pr = $p) =~ s/\(e[12],e[12]\)$//;
    $true{$gr}++; $proposed{$pr}++; $right{$gr}++ if $g eq $p;
}
my ($sum, $count) = (0, 0);
foreach my $name (keys %true) {
    next if $name eq 'Other'; $count++;
    my $hits = $right{$name} || 0;
    my $P = $proposed{$name} ? 100 * $hits / $proposed{$name} : 0; my $R = 100 * $hits / $true{$name};
    $sum += $P + $R ? 2 * $P * $R / ($P + $R) : 0;
}
printf "%.10f\n", $sum / $count;
"""


def score(gold: list[str], predicted: list[str], labels: list[str] = LABELS, other: str = "Other") -> float:
    names, numbers = relations_of(labels, other)
    arrays = (np.array([labels.index(label) for label in side]) for side in (gold, predicted))
    return relation_sums(*arrays, numbers, len(names)).score


def by_definition(gold: list[str], predicted: list[str]) -> float:
    """The mean F1 of the relations of the key, from precision and recall, in plain Python."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for right, given in zip(gold, predicted, strict=True):
        counts[right.split("(")[0]][1] += 1
        counts[given.split("(")[0]][2] += 1
        counts[right.split("(")[0]][0] += right == given
    scores = []
    for name, (hits, true, answered) in counts.items():
        if name != "Other" and true:
            precision, recall = hits / answered if answered else 0.0, hits / true
            scores.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    return 100 * sum(scores) / len(scores)


def random_answers(seed: int) -> tuple[list[str], list[str]]:
    random = np.random.default_rng(seed)
    gold = random.choice(LABELS, int(random.integers(5, 80))).tolist()
    return ["Other", LABELS[0], *gold], ["Other", *random.choice(LABELS, 1), *_some_right(gold, random)]


def _some_right(gold: list[str], random: np.random.Generator) -> list[str]:
    return [label if random.random() < 0.5 else str(random.choice(LABELS)) for label in gold]


def test_a_worked_example() -> None:
    # Cause-Effect: 1 right of 3 proposed (one in the wrong direction, one for Other), 2 in the key: F1 2 / 5.
    # Entity-Origin: none proposed, 1 in the key: 0. Message-Topic is proposed, not in the key: it does not count.
    gold = ["Cause-Effect(e1,e2)", "Cause-Effect(e2,e1)", "Other", "Entity-Origin(e1,e2)", "Other"]
    predicted = [
        "Cause-Effect(e1,e2)",
        "Cause-Effect(e1,e2)",
        "Cause-Effect(e2,e1)",
        "Message-Topic(e1,e2)",
        "Other",
    ]
    assert score(gold, predicted) == pytest.approx((40 + 0) / 2)


@pytest.mark.parametrize("seed", range(20))
def test_the_score_is_that_of_its_definition(seed: int) -> None:
    gold, predicted = random_answers(seed)
    assert score(gold, predicted) == pytest.approx(by_definition(gold, predicted))


@pytest.mark.skipif(shutil.which("perl") is None, reason="needs perl")
@pytest.mark.parametrize("seed", [3, 4])
def test_the_score_is_that_of_the_perl_scorer(seed: int, tmp_path: Path) -> None:
    gold, predicted = random_answers(seed)
    for name, labels in (("own", predicted), ("key", gold)):
        (tmp_path / name).write_text("".join(f"{i}\t{label}\n" for i, label in enumerate(labels)), "utf-8")
    command = ["perl", "-e", PERL, str(tmp_path / "own"), str(tmp_path / "key")]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert score(gold, predicted) == pytest.approx(float(found))


def test_any_labels_and_another_label_that_is_left_out() -> None:
    labels = ["per:spouse", "org:founder(e1,e2)", "org:founder(e2,e1)", "no_relation"]
    names, numbers = relations_of(labels, "no_relation")
    assert names == ["org:founder", "per:spouse"] and numbers.tolist() == [1, 0, 0, 2]
    gold, predicted = ["per:spouse", "no_relation", labels[1]], ["per:spouse", "per:spouse", labels[2]]
    assert score(gold, predicted, labels, "no_relation") == pytest.approx((200 / 3 + 0) / 2)
    assert relation_name("f(x)") == "f(x)" and relation_name("A(e2,e1)") == "A"


def test_without_any_relation_in_the_key_there_is_no_score() -> None:
    assert np.isnan(score(["Other"], ["Other"]))


def test_the_rows_of_a_resample_add_up_to_its_score() -> None:
    gold, predicted = random_answers(7)
    names, numbers = relations_of(LABELS, "Other")
    ids = [np.array([LABELS.index(label) for label in side]) for side in (gold, predicted)]
    sums = relation_sums(*ids, numbers, len(names))
    rows = np.random.default_rng(0).integers(0, len(gold), len(gold))
    resampled = score([gold[i] for i in rows], [predicted[i] for i in rows])
    assert float(sums.formula(sums.values[rows].sum(0))) == pytest.approx(resampled)


def test_the_table_has_one_row_per_relation() -> None:
    gold = ["Cause-Effect(e1,e2)", "Cause-Effect(e2,e1)", "Other"]
    names, numbers = relations_of(LABELS, "Other")
    right, wrong = (np.array([LABELS.index(label) for label in labels]) for labels in (gold, [gold[0]] * 3))
    table = relation_table("relations", names, relation_sums(right, wrong, numbers, len(names)))
    assert table.header == ("relation", "true", "predicted", "right", "precision", "recall", "F1")
    assert [row[:4] for row in table.rows] == [("Cause-Effect", 2, 3, 1)]
    assert table.rows[0][4:] == pytest.approx((100 / 3, 50.0, 40.0))
