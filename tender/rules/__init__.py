"""The pure rules of a tender: stages, timetable, checks, prices, scores, ranking, splitting and the committee."""
