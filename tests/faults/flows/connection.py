"""Tokens renewed and sellers connected."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from sellers.connection import accounts, oauth, tokens
from sellers.models import Grant, SellerAccount
from tests.faults.flows.flow import Flow


class Refresh(Flow):
    """A token is renewed."""

    def begin(self) -> None:
        SellerAccount.objects.filter(pk=self.stage.shop.casa.pk).update(refresh_wanted_at=timezone.now())

    def act(self) -> None:
        tokens.refresh_due(timezone.now())

    def check(self) -> None:
        grant = Grant.objects.get(account=self.stage.shop.casa, state="current")
        assert (grant.chain, grant.generation) == (1, 1)


class RefreshThatIsLost(Refresh):
    """Mercado Libre has rotated, and its answer is gone with the process: a human has to connect again."""

    reconnects = 1

    def check(self) -> None:
        posts = self.stage.world.requests.to("/oauth/token", "POST")
        assert len(posts) == 2  # one that was lost, one to find out


class Connect(Flow):
    """A seller is connected in the browser; where no page came, staff presses Connect once more."""

    SESSION = "session"

    def begin(self) -> None:
        self.seller = self.stage.world.add_seller("NUEVA")
        self.seller.add_item(title="Jarra")
        self._consent()

    def _consent(self) -> None:
        url = oauth.begin(user=self.stage.owner, session_key=self.SESSION, site_id="MLA")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        with self.stage.world.lock:
            self.code = self.stage.world.consents.code(
                self.seller.user_id, asked["redirect_uri"], asked["code_challenge"], asked["code_challenge_method"]
            )
        self.state = asked["state"]

    def act(self) -> None:
        flow = oauth.complete(user=self.stage.owner, session_key=self.SESSION, state=self.state, code=self.code)
        flow.refresh_from_db()
        oauth.confirm(flow)

    def again(self) -> None:
        self._consent()
        self.act()

    def check(self) -> None:
        account = SellerAccount.objects.get(nickname="NUEVA")
        assert (account.status, account.listings.count()) == ("connected", 1)


class Disconnect(Flow):
    """Staff disconnects a seller; where no page came, the button is pressed once more."""

    def begin(self) -> None:
        self.account = self.stage.shop.casa

    def act(self) -> None:
        accounts.disconnect(SellerAccount.objects.get(pk=self.account.pk), by=self.stage.owner)

    def again(self) -> None:
        self.act()

    def check(self) -> None:
        self.account.refresh_from_db()
        assert self.account.status == "disconnected"
        assert not Grant.objects.filter(account=self.account, state="current").exists()
