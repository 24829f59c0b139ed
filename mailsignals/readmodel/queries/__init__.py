"""The questions that pages, the API and commands ask of the tables of an edition."""
