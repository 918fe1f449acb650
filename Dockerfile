# One image for every process of ours: the command says which (serve, relay run, project run, database migrate).
FROM python:3.11.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/carejourney
ENV PATH=/opt/carejourney/bin:$PATH
WORKDIR /src
COPY requirements.lock requirements-telemetry.lock ./
RUN pip install --require-hashes -r requirements.lock && pip install --require-hashes -r requirements-telemetry.lock
COPY LICENSE README.md pyproject.toml ./
COPY domain domain
COPY projections projections
COPY infra infra
COPY api api
RUN pip install --no-deps --no-build-isolation .

FROM python:3.11.13-slim-bookworm
# The ids are fixed: volumes and secrets are given to them.
RUN groupadd --gid 10001 carejourney \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin carejourney \
 && install -d -o 10001 -g 10001 -m 700 /var/lib/carejourney
COPY --from=build /opt/carejourney /opt/carejourney
ENV PATH=/opt/carejourney/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /var/lib/carejourney
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["carejourney"]
CMD ["--help"]
