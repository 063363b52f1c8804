"""Connecting a seller: from the button to the seller's consent and back, and to a human's yes.

begin      a flow is stored: only the hash of its state, its PKCE verifier sealed, bound to the person and session
complete   ML sends the browser back: the state is used up by one conditional update, the code exchanged, and the
           seller it belongs to looked up; the tokens wait sealed on the flow
confirm    the person has seen which seller it is and says yes: account and tokens are stored in one transaction
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import pghistory
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from mercadolibre import errors, oauth
from mercadolibre.oauth import Token
from mercadolibre.resources.accounts import User
from mercadolibre.resources.marketplaces import MarketplaceAccount
from sellers import marketplaces
from sellers.brakes import installation
from sellers.connection import clients, crypto, grants, tokens
from sellers.models import OAuthFlow, SellerAccount
from sellers.points import point
from sellers.queue import work
from sellers.queue.outcomes import TryLater
from sellers.queue.problems import ConnectProblem
from ui.stored import stored

logger = logging.getLogger(__name__)

LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Pending:
    """What waits on a flow for a human's yes: the tokens and the seller they belong to.

    `marketplaces`: where a seller of Global Selling sells, and their numbers there.
    """

    token: Token
    user_id: int
    nickname: str
    site_id: str
    tags: tuple[str, ...]
    marketplaces: tuple[MarketplaceAccount, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Pending:
        kept: dict[str, Any] = json.loads(text)
        kept |= {"token": Token(**kept["token"]), "tags": tuple(kept["tags"])}
        there = tuple(MarketplaceAccount(**one) for one in kept.pop("marketplaces", ()))
        return cls(**kept, marketplaces=there)


def redirect_uri() -> str:
    """The address registered with ML: it may not vary."""
    return f"{settings.PUBLIC_URL}{reverse('sellers:callback')}"


def begin(*, user: Any, session_key: str, site_id: str, account: SellerAccount | None = None) -> str:
    """Start a flow and return where the seller consents. `account` is the seller to be connected again.

    Raises ConnectProblem for a site that does not exist.
    """
    if site_id not in settings.SITES:
        raise ConnectProblem("unknown_site")
    state, verifier = secrets.token_urlsafe(32), oauth.new_verifier()
    digest = hash_of(state)
    OAuthFlow.objects.create(
        state_hash=digest,
        user=user,
        session_hash=hash_of(session_key),
        verifier_ct=crypto.ring().seal(verifier, bound_to=bound_to(digest, "verifier_ct")),
        site_id=site_id,
        account=account,
    )
    auth_url = f"{settings.MELI_AUTH_URL.rstrip('/')}/authorization" if settings.MELI_AUTH_URL else None
    return oauth.authorization_url(
        site_id, settings.MELI_CLIENT_ID, redirect_uri(), state, oauth.challenge(verifier), auth_url
    )


def hash_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def bound_to(state_hash: bytes | memoryview, field: str) -> str:
    return f"sellers_oauthflow:{bytes(state_hash).hex()}:{field}"


def complete(*, user: Any, session_key: str, state: str, code: str) -> OAuthFlow:
    """Use the state up, exchange the code, look whose it is. Raises ConnectProblem; then nothing was connected."""
    flow = take_flow(user=user, session_key=session_key, state=state)
    pending = identify(exchange(flow, code))
    check_seller(flow, pending)
    point("connect.exchanged")
    sealed = crypto.ring().seal(pending.to_json(), bound_to=bound_to(flow.state_hash, "pending_ct"))
    OAuthFlow.objects.filter(pk=flow.pk).update(pending_ct=sealed)
    return flow


def take_flow(*, user: Any, session_key: str, state: str) -> OAuthFlow:
    """The one use of a state, by the person and in the session that began it, within ten minutes."""
    found = OAuthFlow.objects.filter(
        state_hash=hash_of(state),
        user=user,
        session_hash=hash_of(session_key),
        used_at=None,
        created_at__gt=Now() - LIFE,
    )
    if not state or not found.update(used_at=Now()):
        logger.warning("user %s came back from Mercado Libre with a state that is not theirs, used or too old", user.pk)
        raise ConnectProblem("stale")
    return OAuthFlow.objects.select_related("account").get(state_hash=hash_of(state))


def exchange(flow: OAuthFlow, code: str) -> Token:
    verifier = crypto.ring().open(flow.verifier_ct, bound_to=bound_to(flow.state_hash, "verifier_ct"))
    try:
        token = clients.oauth_client().exchange(code, redirect_uri(), verifier)
    except errors.MeliError as error:
        logger.warning("a code could not be exchanged: %s", error)
        raise ConnectProblem.of(error) from None
    if not token.refresh_token:
        raise ConnectProblem("no_offline_access")
    return token


def identify(token: Token) -> Pending:
    try:
        user = clients.reading_client(token.access_token).me()
    except errors.MeliError as error:
        logger.warning("user %s could not be looked up: %s", token.user_id, error)
        raise ConnectProblem.of(error) from None
    if user.id != token.user_id:
        logger.critical("a code answered for user %s, its token belongs to %s; refused", token.user_id, user.id)
        raise ConnectProblem("mixed_up")
    return Pending(token, user.id, user.nickname, user.site_id, user.tags, marketplaces_of(token, user))


def marketplaces_of(token: Token, user: User) -> tuple[MarketplaceAccount, ...]:
    try:
        return marketplaces.asked(clients.reading_client(token.access_token, site_id=user.site_id), user.id)
    except errors.MeliError as error:
        logger.warning("the marketplaces of user %s could not be looked up: %s", user.id, error)
        raise ConnectProblem.of(error) from None


def check_seller(flow: OAuthFlow, pending: Pending) -> None:
    """A reconnect has to bring the same seller back."""
    if flow.account is not None and flow.account.ml_user_id != pending.user_id:
        logger.warning("seller %s: reconnect came back with user %s; refused", flow.account.pk, pending.user_id)
        raise ConnectProblem("other_seller", expected=flow.account.nickname, found=pending.nickname)


def waiting_flow(*, user: Any, session_key: str, flow_id: str) -> OAuthFlow | None:
    """A flow that waits for its yes; None for anybody else's, a finished or an old one."""
    try:
        digest = bytes.fromhex(flow_id)
    except ValueError:
        return None
    mine = OAuthFlow.objects.filter(state_hash=digest, user=user, session_hash=hash_of(session_key))
    return mine.filter(confirmed_at=None, pending_ct__isnull=False, used_at__gt=Now() - LIFE).first()


def pending_of(flow: OAuthFlow) -> Pending:
    return Pending.from_json(
        crypto.ring().open(flow.pending_ct or b"", bound_to=bound_to(flow.state_hash, "pending_ct"))
    )


@transaction.atomic
def confirm(flow: OAuthFlow) -> SellerAccount:
    """Store seller and tokens, once. A seller we know keeps mode, settings and history. Raises ConnectProblem."""
    pending = pending_of(flow)
    waiting = OAuthFlow.objects.filter(pk=flow.pk, confirmed_at=None, pending_ct__isnull=False)
    if not waiting.update(confirmed_at=Now(), pending_ct=None):
        raise ConnectProblem("stale")
    known = SellerAccount.objects.filter(ml_user_id=pending.user_id).values_list("tags", flat=True).first()
    account = upsert_account(pending)
    marketplaces.remember(account, pending.marketplaces)
    if known is not None and set(known) != set(pending.tags):
        work.bump(account_id=account.pk, kind="seller_changed", key="")
    grants.start_chain(account, pending.token, obtained_at=flow.used_at)
    work.bump(account_id=account.pk, kind="connected", key="")
    tokens.wake(account.pk)
    point("connect.before_commit")
    return account


def upsert_account(pending: Pending) -> SellerAccount:
    not_compared = stored(installation.NOT_COMPARED)
    same = SellerAccount.objects.filter(ml_user_id=pending.user_id)
    still_waits = same.filter(pushes_paused=True, status_reason=not_compared).exists()
    known: dict[str, Any] = {
        "nickname": pending.nickname,
        "tags": list(pending.tags),
        "tags_read_at": Now(),
        "status": SellerAccount.Status.CONNECTED,
        "status_reason": not_compared if still_waits else "",
        "refresh_wanted_at": None,
        "throttle_until": None,
        "connected_at": Now(),
    }
    account, _created = SellerAccount.objects.update_or_create(
        ml_user_id=pending.user_id, defaults=known, create_defaults={**known, "site_id": pending.site_id}
    )
    return account


def cancel(flow: OAuthFlow) -> None:
    """The person said no: forget the tokens."""
    OAuthFlow.objects.filter(pk=flow.pk, confirmed_at=None).update(confirmed_at=Now(), pending_ct=None)


def reread_sellers() -> int:
    """Look again at every connected seller's tags, nickname and marketplaces, once a day. Returns how many changed."""
    oldest_first = F("tags_read_at").asc(nulls_first=True)
    return sum(reread(account) for account in SellerAccount.objects.connected().order_by(oldest_first))


def reread(account: SellerAccount) -> bool:
    """Look at one seller for the daily reading. One that cannot be read waits a day."""
    try:
        return read_again(account, source="daily reading", lane="bulk")
    except (errors.MeliError, TryLater) as error:
        logger.info("seller %s: not read again: %s", account.pk, error)
        return False


def read_again(account: SellerAccount, *, source: str, lane: str | None = None) -> bool:
    """Read nickname, tags and marketplaces again, now. Returns whether they changed; raises what the client raises.

    Tags decide how stock is written, and ML changes them on its own: where they change, everything that the seller
    sells is looked at again.
    """
    client = clients.client_for(account, lane=lane)
    user, there = client.me(), marketplaces.asked(client, account.ml_user_id)
    changed = (account.nickname, account.tags) != (user.nickname, list(user.tags))
    moved = set(account.tags) != set(user.tags)
    account.nickname, account.tags = user.nickname, list(user.tags)
    with transaction.atomic(), pghistory.context(source=source):
        SellerAccount.objects.filter(pk=account.pk).update(
            nickname=account.nickname, tags=account.tags, tags_read_at=Now()
        )
        changed = marketplaces.remember(account, there) or changed
        if moved:
            work.bump(account_id=account.pk, kind="seller_changed", key="")
    return changed
