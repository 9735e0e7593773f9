"""The course as a document: no Flask, no database."""
