"""``generate run=ID prompt="..."``: text that a kept language model writes."""

from __future__ import annotations

import sys

from core.cli.common import KEPT, kept_run, refuse, take


def verb(words: list[str]) -> None:
    """Print ``n`` samples, a line a row, with the prompt before them; for the options see ``Sampling``.

    Between samples that may have several rows stands an empty line.
    """
    from core.config.options import options_of
    from core.generation import Sampling, sampling

    own = tuple(options_of(Sampling))
    taken, rest = take(words, *KEPT, "prompt", *own)
    refuse(rest, "generate", (*KEPT, "prompt", *own))
    given = {name: taken[name] for name in own if name in taken}
    how = sampling(given)  # a bad value is told before the model is read
    model = kept_run(taken, "generate")
    samples = model.generate(taken.get("prompt", ""), **given)
    unknown = sorted(set(model.corpus([taken.get("prompt", "")]).words))
    if unknown:
        print(f"note: not in the vocabulary: {', '.join(unknown)}", file=sys.stderr)
    print(("\n" if how.rows == 1 else "\n\n").join(samples))
