"""Why a candidate has its rank, in words for a shopper: the sentences, and what they are made of."""
