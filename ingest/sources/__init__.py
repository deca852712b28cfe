"""Who publishes: outlets and agencies by host, and how their feeds and pages fare."""
