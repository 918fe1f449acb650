"""Attendance: sessions and hours received against plan and against each level's bounds."""
