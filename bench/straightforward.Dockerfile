# What the worker image is compared with: the same tools, one command each, on the same base.
ARG BASE_IMAGE=node:24-trixie-slim
FROM ${BASE_IMAGE}
ARG CODEX_VERSION
ARG GEMINI_VERSION
ARG SPECIFY_VERSION
ARG CELERY_VERSION
COPY ca-certificates.crt* /etc/certificates/
ENV NODE_EXTRA_CA_CERTS=/etc/certificates/ca-certificates.crt
# hadolint ignore=DL3008,DL3009,DL3015
RUN apt-get update && apt-get install -y bash ca-certificates git jq python3 python3-venv
RUN npm install -g @openai/codex@"$CODEX_VERSION" @google/gemini-cli@"$GEMINI_VERSION"
# hadolint ignore=DL3042
RUN if [ -e "$NODE_EXTRA_CA_CERTS" ]; then export PIP_CERT="$NODE_EXTRA_CA_CERTS"; fi \
 && python3 -m venv /opt/specify && /opt/specify/bin/pip install specify-cli=="$SPECIFY_VERSION" \
 && python3 -m venv /opt/celery && /opt/celery/bin/pip install celery=="$CELERY_VERSION"
RUN useradd --create-home app
USER app
