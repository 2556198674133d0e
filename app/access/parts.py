"""The parts that keep grants, as one value: what the service and the command line need of them."""

from __future__ import annotations

from dataclasses import dataclass

from app.access.authorization import Authorization
from app.access.connecting import Connecting
from app.access.grants import Grants
from app.access.keeper import Keeper
from app.access.proxy_keys import ProxyKeys
from app.access.signed_requests import SignedRequests
from app.access.three_legged import ThreeLegged
from app.access.vault import Vault


@dataclass(frozen=True, slots=True)
class Access:
    """All over one vault."""

    vault: Vault
    authorization: Authorization
    grants: Grants
    keys: ProxyKeys
    connecting: Connecting
    keeper: Keeper
    signed: SignedRequests
    three_legged: ThreeLegged
