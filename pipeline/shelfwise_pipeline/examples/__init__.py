"""Questions with known answers, for training and evaluation."""
