# The page and its API in a container:
#   docker build -t retint .
#   docker run --rm --read-only -p 8017:8017 -e RETINT_TOKEN=... retint
# Callers send the token (docs/serve.md); without one, a new one is made at each start and printed.
# Only /var/lib/retint is written to: films that are being worked on, which a restart removes.
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m venv /opt/retint \
 && /opt/retint/bin/python -m pip install --no-cache-dir '.[serve,film,exact]'

FROM python:3.13-slim
COPY --from=build /opt/retint /opt/retint
RUN useradd --create-home --uid 1000 retint \
 && install --directory --mode 1777 /var/lib/retint
USER 1000
WORKDIR /home/retint
ENV PATH=/opt/retint/bin:$PATH \
    TMPDIR=/var/lib/retint
VOLUME /var/lib/retint
EXPOSE 8017
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8017/healthz', timeout=4)"]
CMD ["retint", "serve", "--host", "0.0.0.0", "--port", "8017"]
