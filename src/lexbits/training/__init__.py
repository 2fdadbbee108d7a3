"""Learning: the loop, its schedules, its complete state, and what it runs on."""
