"""The dashboard: one module per page, which loads data, builds a view and renders a template."""
