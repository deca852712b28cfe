"""HTML to an article: title, body text, authors, language, dates with their source, canonical URL."""

from ingest.extract.article import EXTRACTOR, Extraction, extract

__all__ = ["EXTRACTOR", "Extraction", "extract"]
