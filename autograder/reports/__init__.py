"""What people read after grading: static pages, tables for a spreadsheet, text for a terminal.

model.py      what a report is made from: the caller fills it in
summary.py    what a cohort's results say: counts, distribution, pass rates, mistakes
drawings.py   the geometry of a heat map and a histogram
outcomes.py   how each outcome is called and marked
text.py       hostile text made visible, numbers, safe file names
pages.py      templates/ + the values above -> HTML
tables.py     CSV
terminal.py   rich renderables
"""
