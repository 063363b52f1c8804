"""A simulated Mercado Libre: a world in memory and the WSGI application that serves it."""

from sandbox.faults import (
    APPLIED_THEN_TIMEOUT,
    CONFLICT_409,
    HTML_502,
    IGNORED_WRITE,
    INVALID_TOKEN_401,
    PARTIAL_206,
    POLICY_403,
    RATE_LIMITED,
    REDIRECT_302,
    SCOPES_403,
    SERVER_ERROR,
    SLOW,
    STALE_READ,
    TIMEOUT,
    TRUNCATED_JSON,
)
from sandbox.misbehaviour import NoAnswer
from sandbox.sales import NotForSale
from sandbox.sellers import CLIENT_ID, CLIENT_SECRET
from sandbox.shipping import NoParcel
from sandbox.world import World
from sandbox.wsgi import Application

__all__ = [
    "APPLIED_THEN_TIMEOUT",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CONFLICT_409",
    "HTML_502",
    "IGNORED_WRITE",
    "INVALID_TOKEN_401",
    "PARTIAL_206",
    "POLICY_403",
    "RATE_LIMITED",
    "REDIRECT_302",
    "SCOPES_403",
    "SERVER_ERROR",
    "SLOW",
    "STALE_READ",
    "TIMEOUT",
    "TRUNCATED_JSON",
    "Application",
    "NoAnswer",
    "NoParcel",
    "NotForSale",
    "World",
]
