"""A small invented newsroom: feeds and pages of September 2026, and the events that a careful reader finds there."""
