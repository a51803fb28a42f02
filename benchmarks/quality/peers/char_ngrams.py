"""TF-IDF of character n-grams, by scikit-learn. It tolerates misspellings."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.quality.peers.scoring import Scores, ScoringPeer
from benchmarks.quality.peers.similarity import dense
from benchmarks.quality.protocol import Known, Question


class CharNgrams(ScoringPeer):
    """Cosine over n-grams of three and four letters within words."""

    def __init__(self) -> None:
        super().__init__("character 3-4-grams, TF-IDF (scikit-learn)")

    def learn(self, known: Known) -> None:
        self._vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, dtype=np.float32)
        self._documents = self._vectorizer.fit_transform(self.items.texts).T.tocsr()

    def scores(self, questions: Sequence[Question]) -> Scores:
        return dense(self._vectorizer.transform([one.text or "" for one in questions]) @ self._documents)
