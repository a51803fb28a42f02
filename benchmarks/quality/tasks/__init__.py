"""The tasks, one file each. A protocol that several tasks share has its own file."""
