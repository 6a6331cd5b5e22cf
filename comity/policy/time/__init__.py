"""When: clocks, calendars, deadlines."""
