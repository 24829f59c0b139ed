"""The dashboard: one page a file, each loads what it shows, builds its view, and renders it."""
