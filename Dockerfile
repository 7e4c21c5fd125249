# Pages' assets: Node is in this stage only.
FROM node:24-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json .npmrc ./
RUN npm ci

FROM python:3.13-slim AS app
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DATA_DIR=/data DJANGO_SETTINGS_MODULE=hotline.settings
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt \
    && useradd --system --uid 10001 --home-dir /app hotline \
    && mkdir -p /data/attachments /data/beat
COPY . .
COPY --from=assets /assets/node_modules ./node_modules
RUN python -m hotline.embedded.image && rm -r node_modules && chown -R hotline /data/attachments /data/beat
USER hotline
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--workers", "2", "--blocking-threads", "4", "hotline.wsgi:application"]
