"""A linear-chain conditional random field over hand-written features, trained by CRFsuite."""

from plugins.models.crf.model import CRF as CRF
