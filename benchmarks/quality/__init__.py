"""Measures the quality of answers of Shelfwise and the usual libraries: public shop data, same questions, same metrics."""
