"""Simulated applicants: people with true data and habits, who judge the bot from outside.

What they are and say is data (``data/``), written without a look at the bot's words. Every list is
in two halves, by a hash of each entry: the bot is tuned on one and measured on the other.

    python -m tests.applicants --seed 1 --count 2000
"""
