"""What the venue is told to do: scripted acts, and misbehaviour addressed by business event."""
