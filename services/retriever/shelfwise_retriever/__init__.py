"""The retriever: who could be recommended."""
