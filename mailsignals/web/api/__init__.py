"""The JSON API: what the pages show, for programs; one module a resource."""
