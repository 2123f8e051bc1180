"""The hidden Markov model behind the counting tagger."""
