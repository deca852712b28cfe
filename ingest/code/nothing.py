"""The coder that codes nothing: for logs that only collect and extract, to be coded later."""

from ingest.code.article import Article
from ingest.code.coder import CoderInfo, Coding


class NoCoder:
    """Every article is skipped, with the reason `no coder`."""

    info = CoderInfo("none", "1", "", "", "")
    languages: frozenset[str] = frozenset()

    def code(self, article: Article) -> Coding:
        return Coding(article.id, (), self.info, "no coder")
