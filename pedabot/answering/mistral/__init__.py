"""The model behind Mistral's API, or behind a server of the school that speaks its protocol.

The only room that knows mistralai and the HTTP library under it.
"""
