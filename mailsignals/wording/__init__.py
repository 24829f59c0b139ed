"""Numbers, texts and templates for people."""
