"""Measurements: one command a row. They print ratios and scores, and assert nothing."""
