"""Serving a world over HTTP: by granian in a process of its own, or inside the process of a test."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from socketserver import ThreadingMixIn
from types import TracebackType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from sandbox import bench, demo
from sandbox.world import World
from sandbox.wsgi import Application

OPTIONS = "SANDBOX_OPTIONS"
THREADS = 64
POLL = 0.02  # seconds a local server takes to notice that it is to end


@dataclass(frozen=True)
class Options:
    """What the command line says. `sellers` is `demo`, `bench` or `none`; `listings` is for the bench."""

    host: str = "127.0.0.1"
    port: int = 8100
    notify: str | None = None
    seed: int = 1
    sellers: str = "demo"
    listings: int = 20_000
    bench_sellers: int = 2
    redirect_uri: str | None = None
    log_size: int = 5000


def build(options: Options) -> World:
    world = World(seed=options.seed, log_size=options.log_size)
    if options.sellers == "demo":
        demo.build(world)
    elif options.sellers == "bench":
        world.rebuild = lambda again: bench.build(again, listings=options.listings, sellers=options.bench_sellers)
        world.rebuild(world)
    if options.redirect_uri:
        world.redirect_uris.add(options.redirect_uri)
    if options.notify:
        world.deliver_to(options.notify)
    return world


def application() -> Application:
    """The application of the serving process, from the options in the environment."""
    return Application(build(Options(**json.loads(os.environ.get(OPTIONS, "{}")))))


def run(options: Options) -> None:
    """Serve until interrupted. One process, as the world is in its memory; many threads, as some answers hang."""
    os.environ[OPTIONS] = json.dumps(asdict(options))
    Server(
        "sandbox.serving:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=THREADS,
        backpressure=1024,
        log_level=LogLevels.error,
    ).serve()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The world keeps its own log."""


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class LocalServer:
    """Serves a world from threads of this process, on a free port: `with LocalServer(world) as server: server.url`."""

    def __init__(self, world: World, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = make_server(host, port, Application(world), _Threaded, _Quiet)
        self.url = f"http://{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), name="sandbox", daemon=True)

    def __enter__(self) -> LocalServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
