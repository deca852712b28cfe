"""The way of an article, a folder for each stage: feeds, fetch, captures, extract, code. `pipeline.py` joins them."""
