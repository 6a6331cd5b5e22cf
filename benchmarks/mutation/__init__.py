"""Would a test notice? Small faults are put into the core's modules, one at a time, and its tests run on each."""
