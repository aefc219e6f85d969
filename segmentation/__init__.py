"""Find, judge, name and hand over customer segments."""
