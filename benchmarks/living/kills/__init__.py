"""kill -9 while products and events are written: nothing acknowledged may be lost, and nothing may be counted twice."""
