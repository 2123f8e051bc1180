"""A linear-chain conditional random field over words and spelling, trained by CRFsuite."""
