"""Put people and access together: the access log, sessions, open glass, and the provider, from the settings."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.errors import ExpectedError
from infra.access_log.break_glass import Glass
from infra.access_log.log import AccessLog
from infra.access_log.tables import create_tables
from infra.eventstore.keyring import KEY_BYTES, Cipher, CipherOf, MasterKeyError, derived as derived_from
from infra.eventstore.keys.providers import master_key
from infra.eventstore.log import Clock
from infra.eventstore.row_macs import RowCodes
from infra.eventstore.setup import open_recorder
from infra.identity.bearer import Bearers
from infra.identity.people import Principal, principal_of
from infra.identity.provider import Provider
from infra.identity.sessions import Sessions
from infra.identity.sign_in import SignIn
from infra.settings import Settings

LOG_NAME = "carejourney_access"
CALLBACK = "/sign-in/callback"


class SignInSettingsError(ExpectedError):
    """Nobody could sign in with these settings; the message names the setting."""


@dataclass(frozen=True, slots=True)
class People:
    """Everything about people and access that one process holds. ``sign_in`` and ``bearers`` are None in the demo."""

    log: AccessLog
    sessions: Sessions
    glass: Glass
    sign_in: SignIn | None
    bearers: Bearers | None
    form_key: bytes
    job_codes: RowCodes
    view_codes: RowCodes
    paper_codes: RowCodes

    def close(self) -> None:
        """Close the access database and the provider's connections."""
        self.log.recorder.close()
        if self.sign_in is not None:
            self.sign_in.provider.close()


def open_people(settings: Settings, cipher_of: CipherOf, clock: Clock, code_key: bytes = b"") -> People:
    """Open the access database, creating what is missing; ``code_key`` makes the codes of its entries.

    Raises:
        ProviderError: the issuer is not an https address.
    """
    recorder = open_recorder(settings.access_url, LOG_NAME)
    recorder.code_key = code_key
    try:
        create_tables(recorder)
        log = AccessLog(recorder, cipher_of, clock)
        idle, longest = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
        jobs = RowCodes("job", _row_key(settings, code_key, "job-rows"))
        views, papers = (
            RowCodes(table, _row_key(settings, code_key, "view-rows")) for table in ("saved_view", "view_paper")
        )
        codes = RowCodes("web_session", derived(settings, b"session-rows"))
        sessions = Sessions(recorder, Cipher(derived(settings, b"session")), codes, clock, idle, longest)
        glass = Glass(log, timedelta(minutes=settings.break_glass_minutes), settings.break_glass_hourly)
        sign_in = _sign_in(settings, clock)
        bearers = (
            Bearers(sign_in.provider, settings.oidc_audience, clock, sign_in.person) if sign_in is not None else None
        )
        return People(log, sessions, glass, sign_in, bearers, derived(settings, b"forms"), jobs, views, papers)
    except BaseException:
        recorder.close()
        raise


def check_sign_in(settings: Settings) -> None:
    """Refuse settings with which a server would run and nobody could sign in.

    Raises:
        SignInSettingsError: neither a demo nor a provider, or a provider without what it needs.
    """
    if settings.demo:
        return
    needed = {
        "CAREJOURNEY_OIDC_ISSUER": settings.oidc_issuer,
        "CAREJOURNEY_OIDC_CLIENT_SECRET": settings.oidc_client_secret,
        "CAREJOURNEY_PUBLIC_URL": settings.public_url,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        msg = (
            f"nobody could sign in: set {', '.join(missing)} (docs/access.md), "
            "or try it with simulated clients by `carejourney demo`"
        )
        raise SignInSettingsError(msg)


def person_of(settings: Settings, claims: Mapping[str, Any]) -> Principal:
    """The person of a provider's claims, by the settings' names of claims and roles.

    Raises:
        ClaimsError: no name, no role of this app, or more than one.
    """
    return principal_of(
        claims,
        role_claim=settings.oidc_role_claim,
        sites_claim=settings.oidc_sites_claim,
        name_claim=settings.oidc_name_claim,
        names=settings.oidc_roles,
    )


def _row_key(settings: Settings, code_key: bytes, use: str) -> bytes:
    """A key of the log's own where it is there: the command line has no session secret."""
    return derived_from(code_key, use) if code_key else derived(settings, use.encode())


def derived(settings: Settings, use: bytes) -> bytes:
    """A key for one use, from the session secret or, without one, from the master key."""
    try:
        given = settings.session_secret.get_secret_value().encode() if settings.session_secret else master_key(settings)
    except MasterKeyError:  # what needs no key is served all the same; sessions end with the process
        given = os.urandom(KEY_BYTES)
    return hmac.digest(given, b"carejourney-" + use, hashlib.sha256)


def _sign_in(settings: Settings, clock: Clock) -> SignIn | None:
    if settings.demo or not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret
    return SignIn(
        Provider(settings.oidc_issuer),
        settings.oidc_client_id,
        secret.get_secret_value() if secret else "",
        settings.oidc_scope,
        settings.public_url.rstrip("/") + CALLBACK,
        Cipher(derived(settings, b"sign-in")),
        clock,
        lambda claims: person_of(settings, claims),
    )
