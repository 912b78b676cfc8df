"""The ground every room stands on: money, calendar, policy packs, clock, database, audit, documents, identity, web; no business words."""
