"""招标: from preparation and notice through sealed bids, opening, review and scoring to the award (J9–J11)."""
