"""How often each field's reader is right, on labelled data (`make accuracy`)."""
