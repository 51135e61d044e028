"""Ways of talking to a form. Shares are of the questions at which somebody does it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habit:
    types: float = 0.0
    """writes where there is a button to tap"""
    pads: float = 0.0
    """wraps the answer in polite words"""
    slips: float = 0.0
    """mistypes a choice or a country"""
    asks: float = 0.0
    """asks questions of their own first"""
    most: int = 1
    """questions in a row, at most"""
    chats: float = 0.0
    """says something that means nothing"""
    joins: float = 0.0
    """answers and asks in one message"""
    ahead: float = 0.0
    """gives the answer to a later field"""
    wrong: float = 0.0
    """gives a wrong answer first and corrects it later"""
    bursts: float = 0.0
    """several messages within seconds"""
    leaves: float = 0.0
    """goes away for days"""
    pastes: bool = False
    """has the old e-mail at hand"""


HABITS = {
    "straight": Habit(),
    "typist": Habit(types=1.0, pads=0.1, slips=0.3),
    "chatterbox": Habit(types=0.6, pads=0.5, asks=0.35, most=3, chats=0.2, joins=0.15, ahead=0.1),
    "corrector": Habit(types=0.4, pads=0.2, wrong=0.35),
    "paster": Habit(types=0.3, pads=0.3, pastes=True),
    "burst-sender": Habit(types=0.7, pads=0.2, bursts=0.5),
    "wanderer": Habit(types=0.4, pads=0.4, leaves=0.12),
    "question-first": Habit(types=0.5, pads=0.3, asks=1.0),
}
