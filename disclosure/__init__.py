"""公示: publications, filings, open data and the public portal (J20, G8, G9)."""
