"""Reports: pure functions of a run's events and verdict. They return text, rows and bytes."""
