"""Restricts a query to some documents, by their numbers."""

import tantivy

from shelfwise_retriever.words import NUMBER

_SINGLY = 1_000
"""At most this many numbers are looked up one by one. Of 100,000 documents, 300 take 1.3 ms this way and 2.8 ms as a set; 3,000
take 8.5 ms and 6.1 ms."""

_ONE, _ONE_OF_A_SET = 16, 4
"""Cost of looking up a document by number (singly, in a set) relative to finding one more document and checking its mask."""


def has_numbers(schema: tantivy.Schema) -> bool:
    """Whether the index has `NUMBER`. Older bundles work as well, but are slower if few documents pass a filter."""
    try:
        tantivy.Query.term_query(schema, NUMBER, 0)
    except ValueError:
        return False
    return True


def worth(numbers: int) -> int:
    """How many more documents can be found in the time that looking up this many by number takes."""
    return _ONE * min(numbers, _SINGLY) + _ONE_OF_A_SET * max(0, numbers - _SINGLY)


def only_of(schema: tantivy.Schema, query: tantivy.Query, numbers: list[int]) -> tantivy.Query:
    """A query for what `query` finds among the documents with these numbers, scored as `query` scores it."""
    among = tantivy.Query.const_score_query(_one_of(schema, numbers), 0.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, among)])


def _one_of(schema: tantivy.Schema, numbers: list[int]) -> tantivy.Query:
    if len(numbers) > _SINGLY:
        return tantivy.Query.term_set_query(schema, NUMBER, numbers)
    terms = (tantivy.Query.term_query(schema, NUMBER, number) for number in numbers)
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
