"""Says which PostgreSQL and Redis two addresses lead to; fails where one of them does not answer."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis


def main(database_url: str, redis_url: str) -> int:
    server = urlunsplit(urlsplit(database_url)._replace(path="/postgres"))
    try:
        with psycopg.connect(server, connect_timeout=2) as connection:
            version = connection.execute("show server_version").fetchone()
        answer = redis.Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2).info("server")
    except (psycopg.Error, redis.RedisError) as error:
        sys.stdout.write(f"No other pair here: {error}\n")
        return 1
    sys.stdout.write(f"Once more on PostgreSQL {version[0] if version else '?'} and Redis {answer['redis_version']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
