"""The prose check: plain English in everything that people read."""
