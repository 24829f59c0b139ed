"""Numbers, sentences and templates that people read."""
