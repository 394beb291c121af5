"""`make live`: asks a real account what the documents leave open, and whether it keeps the adapters' contract."""
