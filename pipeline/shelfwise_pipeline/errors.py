"""The base class of every expected problem of the pipeline: the command shows its message, without a traceback."""


class PipelineError(Exception):
    """The message says what was expected, what was found and what to do."""
