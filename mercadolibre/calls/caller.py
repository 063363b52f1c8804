"""What all calls share: sending, decoding, checking that the answer is about what was asked, the switch for writing."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mercadolibre.errors import WritesDisabled, WrongResource
from mercadolibre.fields import Malformed
from mercadolibre.protocol import Query, Request, Response, bad_response, decode
from mercadolibre.resources.writes import WriteResult
from mercadolibre.transport import Transport

T = TypeVar("T")


class Caller:
    """One seller's access to the API. `may_write` is asked before every write; `clock` is monotonic seconds."""

    def __init__(
        self,
        transport: Transport,
        base_url: str,
        access_token: str | None,
        *,
        may_write: Callable[[], bool] | bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._base_url = base_url
        self._access_token = access_token
        self._may_write = may_write
        self._clock = clock

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._base_url}>"

    def _get(
        self,
        path: str,
        read: Callable[[Any, Response], T],
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Ask, decode and read. What cannot be read raises BadResponse."""
        request = Request("GET", path, query, headers or {})
        response = self._exchange(request)
        content = decode(response, request)
        try:
            return read(content, response)
        except Malformed as error:
            raise bad_response(response, request, str(error)) from error

    def _write(self, path: str, body: Any, *, headers: Mapping[str, str] | None = None) -> WriteResult:
        """PUT. Raises WritesDisabled before any I/O when writing is switched off."""
        response, content = self._sent(Request("PUT", path, headers=headers or {}, json=body))
        return WriteResult.from_answer(response.status, content)

    def _create(self, path: str, body: Any, read: Callable[[Any], T]) -> T:
        """POST, which makes something new each time it arrives. Raises as `_write`, and BadResponse."""
        request = Request("POST", path, json=body)
        response, content = self._sent(request)
        try:
            return read(content)
        except Malformed as error:
            raise bad_response(response, request, str(error)) from error

    def _sent(self, request: Request) -> tuple[Response, Any]:
        """The answer to a write, and the switch in front of it."""
        if not (self._may_write() if callable(self._may_write) else self._may_write):
            raise WritesDisabled(request=request.name)
        response = self._exchange(request)
        return response, decode(response, request)

    def _exchange(self, request: Request) -> Response:
        return self._transport.send(request, base_url=self._base_url, access_token=self._access_token)


def only(read: Callable[[Any], T]) -> Callable[[Any, Response], T]:
    """A reader that needs nothing but the content."""
    return lambda content, response: read(content)


def same(asked: object, answered: object, path: str) -> None:
    """Raises WrongResource unless the answer's id is the one asked."""
    if str(asked) != str(answered):
        raise WrongResource(f"asked for {asked}, got {answered}", request=f"GET {path}")
