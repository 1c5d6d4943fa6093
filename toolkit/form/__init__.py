"""What the printed form is: its vocabulary per form year, and how labelled fields become tables."""
