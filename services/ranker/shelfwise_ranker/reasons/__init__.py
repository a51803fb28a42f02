"""Why a candidate stands where it stands, as a shopper could be told: the sentences, and what they are made of."""
