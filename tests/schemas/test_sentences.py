import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.sentences import sentence_around

TEXT = "Mr. Lund of the U.S. envoy’s staff called Oslo. “We agreed,” he said. Talks follow\nA new paragraph"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("called Oslo", "Mr. Lund of the U.S. envoy’s staff called Oslo."),
        ("We agreed", "“We agreed,” he said."),
        ("Talks", "Talks follow"),
        ("paragraph", "A new paragraph"),
    ],
)
def test_the_sentence_around_words(words: str, sentence: str) -> None:
    start = TEXT.index(words)
    assert sentence_around(TEXT, start, start + len(words)) == sentence


@given(st.text(alphabet="ab. \nA!", min_size=1, max_size=60), st.data())
def test_it_always_holds_the_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert text[start:end].strip() in sentence_around(text, start, end)
