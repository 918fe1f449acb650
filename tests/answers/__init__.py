"""What every report, drill-down, comparison, publication and export answers, held to what was recorded.

``python -m tests.answers --record`` records anew, ``--show ADDRESS`` prints one answer.
"""
