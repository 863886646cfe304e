"""Where a room's files lie."""

RECORDINGS = "recordings"  # in the data folder: one folder a meeting
