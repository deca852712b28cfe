"""The sample newsroom: feeds and pages of an invented September 2026, and the events that a careful reader finds there."""
