"""The tender's pure rules: stages, timetable, publication checks, prices, scores, ranking, splitting and the committee."""
