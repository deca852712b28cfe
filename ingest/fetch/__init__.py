"""Fetching: one URL in, one outcome out, safely, politely, and within limits of time and size (`client`)."""
