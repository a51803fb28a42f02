"""Trains an encoder on judged lists, with sentence-transformers on torch."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers.utils.logging import disable_progress_bar

from shelfwise_embedder.plan import plan_batches
from shelfwise_pipeline.encoder.tuning.lessons import Lesson
from shelfwise_pipeline.evaluation.metrics import ndcg
from shelfwise_pipeline.examples.question import gains
from shelfwise_pipeline.progress import Advance

QUERIES: Final = 32
"""Queries per step."""

MOST_TEXTS: Final = 16
"""The maximum number of a query's products per step, drawn anew in each epoch."""

EPOCHS: Final = 2
RATE: Final = 5e-5
WARMING: Final = 0.1
"""The share of steps in which the learning rate rises; afterwards it falls to zero."""

CONTRAST: Final = 0.03
"""The weight of distinguishing a query's products from those of the other queries in its step, relative to ordering them."""

TEMPERATURE: Final = 0.05
MOST_TOKENS: Final = 64
CHARACTERS: Final = 4_000
"""Characters of texts encoded together. Texts of similar length need little padding."""

TENSOR_PREFIX: Final = "0.model."
"""The prefix of the first module's model. A checkpoint has its tensors by their names without it."""


class Learner:
    """The checkpoint in `folder`, with its upper layers trainable."""

    def __init__(self, folder: Path, seed: int) -> None:
        disable_progress_bar()  # type: ignore[no-untyped-call]  # the build shows its own
        torch.manual_seed(seed)
        self._random = np.random.default_rng(seed)
        self._model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
        self._model.max_seq_length = MOST_TOKENS
        bert: Any = self._model[0].model
        layers = list(bert.encoder.layer)
        # The meaning of words was learned from far more text than any shop has; how words are combined depends on the shop.
        for module in (bert.embeddings, *layers[: len(layers) // 2]):
            module.requires_grad_(False)
        self._learning = [tensor for tensor in self._model.parameters() if tensor.requires_grad]
        # The gain per unit of cosine.
        self._worth = torch.nn.Parameter(torch.tensor(1.0))

    def teach(self, lessons: Sequence[Lesson], advance: Advance) -> None:
        """Train on `lessons` for EPOCHS epochs."""
        most = max(float(gains(lesson.grades).max()) for lesson in lessons)
        orders = np.concatenate([self._random.permutation(len(lessons)) for _ in range(EPOCHS)]).tolist()
        steps = [orders[start : start + QUERIES] for start in range(0, len(orders), QUERIES)]
        groups: list[dict[str, Any]] = [
            {"params": self._learning, "weight_decay": 0.01},
            {"params": [self._worth], "lr": 1e-2, "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=RATE)
        warm = max(1, int(WARMING * len(steps)))
        rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / warm, 1 - step / len(steps)))
        self._model.train()
        for number, step in enumerate(steps, start=1):
            optimizer.zero_grad()
            self._loss([self._drawn(lessons[place]) for place in step], most).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self._learning, 1.0)
            optimizer.step()
            rate.step()
            advance(number, len(steps))
        self._model.eval()

    def quality(self, lessons: Sequence[Lesson]) -> float:
        """Return the mean NDCG@10 of the lists, ordered by cosine."""
        self._model.eval()
        found = []
        with torch.inference_mode():
            for start in range(0, len(lessons), QUERIES):
                some = lessons[start : start + QUERIES]
                scores = torch.split(_own(self._cosines(some), _lists(some)), [len(one.texts) for one in some])
                found += [ndcg(of_list.numpy(), one.grades) for of_list, one in zip(scores, some, strict=True)]
        return float(np.mean(found))

    def tensors(self) -> Mapping[str, NDArray[np.float32]]:
        """Return every weight by its name in a checkpoint."""
        return {
            name.removeprefix(TENSOR_PREFIX): tensor.detach().contiguous().numpy()
            for name, tensor in self._model.named_parameters()
        }

    def _drawn(self, lesson: Lesson) -> Lesson:
        if len(lesson.texts) <= MOST_TEXTS:
            return lesson
        drawn = self._random.choice(len(lesson.texts), MOST_TEXTS, replace=False).tolist()
        return Lesson(lesson.query, [lesson.texts[place] for place in drawn], lesson.grades[drawn])

    def _loss(self, lessons: Sequence[Lesson], most: float) -> Tensor:
        """Return the loss: the distance of cosines from gains, both minus their list's mean, plus the contrastive loss of each
        good product's query among the queries of the step."""
        lists = _lists(lessons)
        worth = torch.from_numpy(np.concatenate([gains(one.grades) for one in lessons]).astype(np.float32) / most)
        sizes = torch.bincount(lists, minlength=len(lessons))

        def centred(values: Tensor) -> Tensor:
            return values - (torch.zeros(len(lessons)).index_add(0, lists, values) / sizes)[lists]

        cosines = self._cosines(lessons)
        order = (centred(_own(cosines, lists) * self._worth) - centred(worth)).square().mean()
        contrast = (cross_entropy(cosines / TEMPERATURE, lists, reduction="none") * worth).mean()
        return order + CONTRAST * contrast

    def _cosines(self, lessons: Sequence[Lesson]) -> Tensor:
        """[products of all lists, queries] the cosines."""
        products = self._vectors([text for one in lessons for text in one.texts])
        return products @ self._vectors([one.query for one in lessons]).T

    def _vectors(self, texts: Sequence[str]) -> Tensor:
        """[texts, dimension] the texts' vectors, of unit length."""
        batches = plan_batches([len(text) for text in texts], CHARACTERS)
        vectors = [
            self._model(self._model.preprocess([texts[place] for place in batch]))["sentence_embedding"] for batch in batches
        ]
        places = np.argsort(np.concatenate(batches))
        return torch.cat(vectors)[torch.from_numpy(places)]


def _lists(lessons: Sequence[Lesson]) -> Tensor:
    """[products of all lists] the number of each product's list."""
    return torch.arange(len(lessons)).repeat_interleave(torch.tensor([len(one.texts) for one in lessons]))


def _own(cosines: Tensor, lists: Tensor) -> Tensor:
    """[products of all lists] each product's cosine with its own query."""
    return cosines.gather(1, lists[:, None])[:, 0]
