"""Client of the Mercado Libre API: requests and the standard library, nothing else.

`Client` decides what is asked, a `Transport` only carries it, `errors` is the one tree of what can go wrong.
"""
