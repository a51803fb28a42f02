"""Tunes the encoder on a shop's own judgements: an option of a build, and the only part of the pipeline that needs torch."""
