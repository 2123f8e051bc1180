"""What a neural model is built from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.data.vocab import Vocab
from core.errors import SeqlabError
from core.kinds.base import Kind
from core.model.prediction import MAX_TOKENS
from core.neural.around import around_place
from core.neural.base import Embedding, Encoder, NeuralHead
from core.neural.concat_embedding import ConcatEmbedding
from core.neural.contract_probe import constructor_error, embedding_error
from core.neural.network import Network
from core.types import Int64s

Options = Mapping[str, Any]
ContractError = Callable[[str, str], SeqlabError]  # the error for a part and what is wrong with it


@dataclass(frozen=True)
class Design:
    """What a neural model is built from.

    Args:
        encoder: the class and its options.
        embeddings: the class and options of each part by name.
        embedding: the options of the concatenated vectors (``dropout``).
        head: the options of the kind's head.
        train: the options of ``Trainer``.
        sees: the context that the encoder was registered with: ``left``, ``both`` or ``either``.
        max_tokens: see ``core.model.prediction.PredictOptions``.
    """

    encoder: tuple[type[Encoder], Options]
    embeddings: Mapping[str, tuple[type[Embedding], Options]]
    embedding: Options
    head: Options
    train: Options
    sees: str = "either"
    max_tokens: int = MAX_TOKENS

    def build(self, kind: Kind, vocab: Vocab, size: int, contract_error: ContractError) -> Network:
        """The network with its initial weights, on the CPU.

        Args:
            kind: what the task predicts.
            vocab: the token vocabulary.
            size: the number of answers.
            contract_error: creates the error for a part (``encoder`` or ``embedding``) that breaks its contract.

        Raises:
            SeqlabError: an option does not fit the data, or a part breaks its contract.
        """
        parts = {name: embed(vocab, **options) for name, (embed, options) in self.embeddings.items()}
        if message := next(filter(None, map(embedding_error, parts.values())), ""):
            raise contract_error("embedding", message)
        embedding = ConcatEmbedding(vocab, parts, **self.embedding)
        make_encoder, options = self.encoder

        def make(encoder: type[Encoder], causal: bool = True) -> Encoder:
            made = encoder(embedding.output_size, causal, **options)
            if message := constructor_error(made):
                raise contract_error("encoder", message)
            return made

        if kind.reads_around:
            encoder: Encoder = around_place(make_encoder, self.sees, make)
        else:
            encoder = make(make_encoder, kind.language_model)
        return Network(
            embedding, encoder, kind.import_class("heads", "neural")(encoder, embedding, size, **self.head)
        )

    def for_rows(self, head: type[NeuralHead], lengths: Int64s) -> tuple[Design, dict[str, Any]]:
        """This design with the options of the head that depend on the training rows, and these by dotted key.

        Args:
            head: the class of the head.
            lengths: int64 (R,), the tokens of each training row.
        """
        chosen = head.choose(self.head, lengths)
        return replace(self, head={**self.head, **chosen}), {f"head.{k}": value for k, value in chosen.items()}
