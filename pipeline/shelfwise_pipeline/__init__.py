"""The offline side of Shelfwise: import, build, publish, and the laptop launcher; the `shelfwise` command."""
