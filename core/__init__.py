"""The ground of every room: money, calendar, policy, clock, database, audit, documents, identity, web; no business."""
