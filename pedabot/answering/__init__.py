"""The way of a question: a file for each box of the diagram."""
