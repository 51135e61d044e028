"""What the bot knows: articles written by people, and the search over them."""
