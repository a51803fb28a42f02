"""The tasks, one file each; a protocol that several share has a file of its own."""
