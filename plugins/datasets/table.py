"""The data sets that are known by name: for each its source, content and size.

Rows are counted as they are read: without blank lines, unless ``files`` keeps them. Numbers that were neither
counted here nor taken from the description of the data set are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Known:
    """One data set.

    Args:
        name: the value of ``data=`` and the name of its folder.
        help: one line of help.
        address: the URL of the original data.
        license: the terms of use.
        citation: the paper to cite.
        columns: the columns of a row.
        rows: the expected number of rows per split.
        size: the size of the text.
        hub: ``OWNER/NAME[:CONFIG]``; empty: only available as a local folder.
        hub_options: options of ``core.data.sources.hub.HubSource``.
        files: options of ``core.data.sources.files.Files``.
        labels: for each value of ``data.label``, the name of the column in the files and on the hub.
    """

    name: str
    help: str
    address: str
    license: str
    citation: str
    columns: str
    rows: Mapping[str, int]
    size: str
    hub: str = ""
    hub_options: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def class_name(self) -> str:
        """The name of its class, such as ``UdEnEwt`` for ``ud-en-ewt``."""
        return "".join(part.capitalize() for part in self.name.split("-"))


SOCHER = "Socher et al. (2013), Recursive deep models for semantic compositionality over a sentiment treebank"
UD = "Nivre et al. (2020), Universal Dependencies v2"
MERITY = "Merity et al. (2017), Pointer sentinel mixture models"
SENTENCE, TAGGED = "one sentence per line", "CoNLL-U; data.label=upos (default) or xpos"
CC_WIKI = "CC BY-SA 3.0, GFDL"

_ALL = (
    Known(
        "ptb",
        help="Penn Treebank in Mikolov's preparation, 10,000 words (task lm)",
        address="https://catalog.ldc.upenn.edu/LDC99T42",
        license="Linguistic Data Consortium",
        citation="Marcus et al. (1993), Building a large annotated corpus; prepared by Mikolov et al. (2010)",
        columns=SENTENCE,
        rows={"train": 42_068, "dev": 3_370, "test": 3_761},
        size="887,521 words of train, 6 MB",
        hub="ptb-text-only/ptb_text_only",
        hub_options={"revision": "refs/convert/parquet", "folder": "penn_treebank"},
    ),
    Known(
        "ptb-char",
        help="Penn Treebank in characters, _ for the space (task lm)",
        address="https://catalog.ldc.upenn.edu/LDC99T42",
        license="Linguistic Data Consortium",
        citation="Mikolov et al. (2012), Subword language modeling with neural networks",
        columns="characters between spaces, " + SENTENCE,
        rows={"train": 42_068, "dev": 3_370, "test": 3_761},
        size="12 MB",
    ),
    Known(
        "wikitext-2",
        help="good Wikipedia articles, rare words as <unk> (task lm)",
        address="https://huggingface.co/datasets/Salesforce/wikitext",
        license=CC_WIKI,
        citation=MERITY,
        columns="one paragraph per line; empty lines are rows",
        rows={"train": 36_718, "dev": 3_760, "test": 4_358},
        size="2,088,628 tokens of train, line ends included",
        hub="Salesforce/wikitext:wikitext-2-v1",
        files={"blank": "keep"},
    ),
    Known(
        "wikitext-103",
        help="as wikitext-2, fifty times as large (task lm)",
        address="https://huggingface.co/datasets/Salesforce/wikitext",
        license=CC_WIKI,
        citation=MERITY,
        columns="one paragraph per line; empty lines are rows",
        rows={"train": 1_801_350, "dev": 3_760, "test": 4_358},
        size="103,227,021 tokens of train, line ends included",
        hub="Salesforce/wikitext:wikitext-103-v1",
        files={"blank": "keep"},
    ),
    Known(
        "sst2-sentences",
        help="sentences of film reviews, 2 classes (task sentiment)",
        address="https://nlp.stanford.edu/sentiment/",
        license="not stated",
        citation=SOCHER,
        columns="sentence, label (0 negative, 1 positive)",
        rows={"train": 6_920, "dev": 872, "test": 1_821},
        size="1 MB",
        hub="SetFit/sst2",
        hub_options={"text": "text", "label": "label"},
    ),
    Known(
        "sst1",
        help="sentences of film reviews, 5 classes (task sentiment)",
        address="https://nlp.stanford.edu/sentiment/",
        license="not stated",
        citation=SOCHER,
        columns="sentence, label (0 very negative to 4 very positive)",
        rows={"train": 8_544, "dev": 1_101, "test": 2_210},
        size="1.3 MB",
        hub="SetFit/sst5",
        hub_options={"text": "text", "label": "label"},
    ),
    Known(
        "sst2-glue",
        help="sentences and their phrases, 2 classes; no labels for test (task sentiment)",
        address="https://gluebenchmark.com",
        license="not stated",
        citation=f"{SOCHER}; Wang et al. (2019), GLUE",
        columns="sentence, label (negative, positive)",
        rows={"train": 67_349, "dev": 872},
        size="5 MB",
        hub="nyu-mll/glue:sst2",
        hub_options={"text": "sentence", "label": "label"},
    ),
    Known(
        "imdb",
        help="whole film reviews, 2 classes (task sentiment)",
        address="https://ai.stanford.edu/~amaas/data/sentiment/",
        license="not stated",
        citation="Maas et al. (2011), Learning word vectors for sentiment analysis",
        columns="text, label (neg, pos)",
        rows={"train": 25_000, "test": 25_000},
        size="66 MB",
        hub="stanfordnlp/imdb",
    ),
    Known(
        "ag-news",
        help="news by topic, 4 classes (task sentiment)",
        address="https://huggingface.co/datasets/fancyzhx/ag_news",
        license="not stated; for research",
        citation="Zhang et al. (2015), Character-level convolutional networks for text classification",
        columns="text, label (World, Sports, Business, Sci/Tech)",
        rows={"train": 120_000, "test": 7_600},
        size="31 MB",
        hub="fancyzhx/ag_news",
    ),
    Known(
        "trec",
        help="questions by what they ask for, 6 classes (task sentiment)",
        address="https://cogcomp.seas.upenn.edu/Data/QA/QC/",
        license="not stated",
        citation="Li and Roth (2002), Learning question classifiers",
        columns="sentence, label (0 to 5)",
        rows={"train": 5_452, "test": 500},
        size="0.3 MB",
    ),
    Known(
        "ud-en-ewt",
        help="English Web Treebank, Universal Dependencies 2.16 (task pos)",
        address="https://github.com/UniversalDependencies/UD_English-EWT",
        license="CC BY-SA 4.0",
        citation=f"Silveira et al. (2014), A gold standard dependency corpus for English; {UD}",
        columns=TAGGED,
        rows={"train": 12_544, "dev": 2_001, "test": 2_077},
        size="204,577 words of train, 18 MB",
    ),
    Known(
        "ud-en-gum",
        help="English in many genres, Universal Dependencies (task pos)",
        address="https://github.com/UniversalDependencies/UD_English-GUM",
        license="depends on the genre: see its README",
        citation=f"Zeldes (2017), The GUM corpus; {UD}",
        columns=TAGGED,
        rows={},
        size="grows with each release",
    ),
    Known(
        "ud-zh-gsdsimp",
        help="Chinese in simplified characters, Universal Dependencies (task pos)",
        address="https://github.com/UniversalDependencies/UD_Chinese-GSDSimp",
        license="CC BY-SA 4.0",
        citation=UD,
        columns=TAGGED,
        rows={"dev": 500, "test": 500},
        size="2 MB of dev and test",
    ),
    Known(
        "conll2000",
        help="Wall Street Journal with parts of speech and chunks (task pos)",
        address="https://www.clips.uantwerpen.be/conll2000/chunking/",
        license="not stated; the text belongs to the Linguistic Data Consortium",
        citation="Tjong Kim Sang and Buchholz (2000), Introduction to the CoNLL-2000 shared task: chunking",
        columns="word, part of speech, chunk; data.label=pos (default) or chunk",
        rows={"train": 8_936, "test": 2_012},
        size="211,727 words of train, 3 MB",
        hub="eriktks/conll2000",
        hub_options={"text": "tokens", "label": "pos_tags"},
        files={"format": "columns"},
        labels={"pos": ("2", "pos_tags"), "chunk": ("3", "chunk_tags")},
    ),
    Known(
        "tinyshakespeare",
        help="1.1 MB of Shakespeare's plays, no splits (task lm, task.tokens=char)",
        address="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        license="public domain",
        citation="Karpathy (2015), The unreasonable effectiveness of recurrent neural networks",
        columns="one line of a play per row",
        rows={"train": 32_777},
        size="1.1 MB",
        files={"train": "input.txt"},
    ),
)
TABLE = {known.name: known for known in _ALL}
