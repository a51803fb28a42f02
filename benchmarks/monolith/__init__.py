"""The usual recommender: one Flask application with torch, FAISS and LightGBM in one process, two Gunicorn workers."""
