# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /srv/venv
COPY requirements/run.txt requirements/run.txt
RUN /srv/venv/bin/pip install --require-hashes -r requirements/run.txt
COPY app /srv/heirloom/app
COPY mappings /srv/heirloom/mappings
COPY templates /srv/heirloom/templates
WORKDIR /srv/heirloom
# A bad mapping fails the build, not the start.
RUN /srv/venv/bin/python -m app check && /srv/venv/bin/python -m compileall -q app

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin heirloom
# Where grants and keys are kept, when HEIRLOOM_AUTH wants any: mount something that stays.
RUN install -d -m 700 -o 10001 /data
COPY --from=build /srv/venv /srv/venv
COPY --from=build --chown=root:root /srv/heirloom /srv/heirloom
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HEIRLOOM_HOST=0.0.0.0 \
    HEIRLOOM_STORE=sqlite:/data/heirloom.db
WORKDIR /srv/heirloom
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('HEIRLOOM_PORT', '8000') + '/readyz', timeout=2)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
