"""The whole web server: API, pages, and the projector that follows the log while it runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from fastapi import FastAPI

from api.headers import SecurityHeaders
from api.http.access import reads_reports
from api.http.app import create_app as create_api
from api.web.app import install
from api.web.dashboards.paper import maker
from infra.bootstrap import Services
from infra.integrity.seal_setup import sealing
from infra.ops.imports.sweep import swept
from infra.publications.schedule import scheduled
from infra.readmodels.follower import Follower
from infra.views.folder import writing_views


def create_app(services: Services) -> FastAPI:
    """The app over open services; it closes them when it stops."""
    follower = Follower(services, services.knowledge.look if services.projects else None)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        uploads = swept(services.uploads)
        with sealing(services), scheduled(services), writing_views(services, maker(services), reads_reports), uploads:
            follower.start()
            yield
            follower.stop()
        services.close()

    app = create_api(services, follower.wake)
    app.router.lifespan_context = lifespan
    install(app, services)
    app.add_middleware(SecurityHeaders, sign_out=_origin(services.settings.oidc_issuer))
    return app


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if address else ""
