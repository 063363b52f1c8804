"""Calls the simulated API without a socket."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sandbox import Application, World
from sandbox.sellers import Seller

REDIRECT = "https://enlace.example/sellers/callback/"


@dataclass
class Reply:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Caller:
    """Sends requests with one access token, or none."""

    def __init__(self, world: World, token: str | None = None) -> None:
        self.world = world
        self.token = token
        self.application = Application(world, sleep=lambda seconds: None)

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, headers=headers)

    def put(self, path: str, body: Any, **headers: str) -> Reply:
        return self.send("PUT", path, json.dumps(body).encode(), "application/json", headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.send("POST", path, json.dumps(body or {}).encode(), "application/json", headers)

    def delete(self, path: str) -> Reply:
        return self.send("DELETE", path)

    def form(self, path: str, fields: Any, **headers: str) -> Reply:
        return self.send("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded", headers)

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "", headers: Any = ()) -> Reply:
        """`headers` are keyword names: x_version becomes x-version."""
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": kind,
            "wsgi.input": io.BytesIO(body),
            "sandbox.in_process": True,
        }
        if self.token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        environ |= {f"HTTP_{name.upper()}": value for name, value in dict(headers).items()}
        answer: dict[str, Any] = {}
        payload = b"".join(
            self.application(environ, lambda status, sent: answer.update(status=status, headers=dict(sent)))
        )
        return Reply(int(answer["status"].split()[0]), answer["headers"], payload)


def open_shop(*, site_id: str = "MLA", tags: tuple[str, ...] = ("normal",), world: World | None = None) -> Shop:
    """A connected seller in a world of its own, unless one is given."""
    world = world or World(seed=1)
    seller = world.add_seller(f"TIENDA_{len(world.sellers) + 1}", site_id=site_id, tags=tags)
    return Shop(world, seller, world.grant(seller).access_token)


class Shop(Caller):
    """A caller that is a seller."""

    def __init__(self, world: World, seller: Seller, token: str) -> None:
        super().__init__(world, token)
        self.seller = seller

    def topics(self) -> list[str]:
        return [body["topic"] for body in self.world.drain_notifications()]


def open_global_shop(*marketplaces: tuple[str, str]) -> Shop:
    """A connected Global Selling account in a world where somebody else sells too; pairs of site and logistic."""
    world = open_shop().world
    seller = world.add_global_seller("SHENZHEN_STORE", marketplaces=marketplaces)
    return Shop(world, seller, world.grant(seller).access_token)


WAREHOUSES = ("normal", "user_product_seller", "warehouse_management", "multiwarehouse")
