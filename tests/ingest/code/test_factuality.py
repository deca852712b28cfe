"""How a clause is told: done, to come, wished, refused; denied or conditional. Parsed with the built-in model."""

from functools import cache

import pytest

from ingest.code.frameset import Frames
from ingest.code.noun_factuality import Factuality
from ingest.code.parse import SpacyParser, Wording
from ingest.code.tree import Tree


@cache
def tools() -> tuple[Factuality, SpacyParser]:
    frames = Frames.load()
    return Factuality(frames.words, frames.lookup), SpacyParser()


def tree(sentence: str) -> Tree:
    (parsed,) = tools()[1].parse([Wording(sentence)])
    return parsed


@pytest.mark.parametrize(
    ("sentence", "verb", "time"),
    [
        ("The ministers met in Oslo.", "met", "held"),
        ("The ministers will meet in Oslo.", "meet", "planned"),
        ("The ministers agreed to meet in Oslo.", "meet", "planned"),
        ("The ministers are due to meet in Oslo.", "meet", "planned"),
        ("The ministers want to meet in Oslo.", "meet", "possible"),
        ("The ministers may meet in Oslo.", "meet", "possible"),
        ("The ministers should meet in Oslo.", "meet", "needed"),
        ("The army said that the rebels attacked the town.", "attacked", "held"),
        ("If the rebels attacked the town, the army would respond.", "attacked", "possible"),
        ("The army moved north to attack the town.", "attack", "possible"),
        ("After meeting the president, the envoy left.", "meeting", "held"),
        ("The government announced that it would send troops.", "send", "planned"),
        ("The minister began to withdraw the troops.", "withdraw", "held"),
    ],
)
def test_time_of_a_verb(sentence: str, verb: str, time: str) -> None:
    parsed = tree(sentence)
    (at,) = [t.i for t in parsed.tokens if t.text == verb]
    assert tools()[0].of_verb(parsed, at).time == time


@pytest.mark.parametrize(
    ("sentence", "noun", "time"),
    [
        ("After a call with the king, the premier resigned.", "call", "held"),
        ("The delegations held talks in Oslo.", "talks", "held"),
        ("The delegations will hold talks in Oslo.", "talks", "planned"),
        ("Talks are expected in Oslo.", "Talks", "planned"),
        ("The mediator hopes for talks in Oslo.", "talks", "possible"),
        ("No talks took place.", "talks", "possible"),
        ("The rebels stood still since the truce.", "truce", "possible"),
    ],
)
def test_time_of_a_noun(sentence: str, noun: str, time: str) -> None:
    parsed = tree(sentence)
    (at,) = [t.i for t in parsed.tokens if t.text == noun]
    assert tools()[0].of_noun(parsed, at).time == time


def test_negation_denial_and_speaker() -> None:
    parsed = tree("The ministry denied that the army had attacked the town.")
    (at,) = [t.i for t in parsed.tokens if t.text == "attacked"]
    telling = tools()[0].of_verb(parsed, at)
    assert telling.denied
    parsed = tree("The army did not attack the town.")
    (at,) = [t.i for t in parsed.tokens if t.text == "attack"]
    assert tools()[0].of_verb(parsed, at).negated
    parsed = tree("The general said that the rebels attacked the town.")
    (at,) = [t.i for t in parsed.tokens if t.text == "attacked"]
    assert [parsed[k].text for k in tools()[0].of_verb(parsed, at).speakers] == ["general"]
