"""What holds for all tests."""

import signal

# Under nohup hang-ups are ignored, and whatever a test starts would ignore them, too. With a handler of its own this process
# goes on ignoring them, and those that it starts do what they do by default.
signal.signal(signal.SIGHUP, lambda number, frame: None)
