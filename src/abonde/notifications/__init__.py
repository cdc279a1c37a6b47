"""Letters that someone waits for, written once and sent by a job."""
