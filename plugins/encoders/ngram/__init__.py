"""N-gram models of any order, with the smoothings of the literature."""

from plugins.encoders.ngram.model import NGram

__all__ = ["NGram"]
