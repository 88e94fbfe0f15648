"""What an integration sends and reads: recorded traffic, the profile learnt from it, what changes make of it."""
