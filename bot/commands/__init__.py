"""What each command of ``bot/cli.py`` does. Sentences here are for operators."""
