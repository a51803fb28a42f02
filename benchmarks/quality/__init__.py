"""How good the answers are: Shelfwise and the usual libraries on public shop data, same questions, same metrics."""
