"""python -m sandbox: serve a simulated Mercado Libre."""

from __future__ import annotations

import argparse

from sandbox.serving import Options, run


def options(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A simulated Mercado Libre over HTTP.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8100, help="port to listen on (default: %(default)s)")
    parser.add_argument("--notify", metavar="URL", help="where notifications are sent (default: nowhere)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same ids (default: %(default)s)")
    parser.add_argument("--sellers", choices=("demo", "bench", "none"), default="demo", help="what is in the world")
    parser.add_argument("--listings", type=int, default=20_000, help="listings of the bench (default: %(default)s)")
    parser.add_argument("--bench-sellers", type=int, default=2, help="sellers of the bench (default: %(default)s)")
    parser.add_argument("--redirect-uri", metavar="URL", help="the only redirect URI accepted (default: any)")
    parser.add_argument("--log-size", type=int, default=5000, help="requests kept in the log (default: %(default)s)")
    return Options(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    run(options())
