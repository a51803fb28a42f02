"""The embedder: text to vector, behind `/embed` and an OpenAI-shaped `/v1/embeddings`."""
