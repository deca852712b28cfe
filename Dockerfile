# Courant with Airflow: one image for every service of docker-compose.yml.
# The RUN steps are plain commands on a bare machine with Python 3.11; tests/e2e/test_image.py executes them there.
FROM python:3.11-slim-bookworm

WORKDIR /opt/courant

# First what rarely changes: the dependencies, each held to its hash. uv installs them ten times as fast as pip.
COPY requirements-uv.lock requirements.lock ./
RUN python -m venv /opt/venv
RUN /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-uv.lock
RUN /opt/venv/bin/uv pip install --no-cache --python /opt/venv/bin/python --no-deps --require-hashes -r requirements.lock

# The DAG files and the samples are read from here, so the project is installed in place.
COPY . .
RUN /opt/venv/bin/uv pip install --no-cache --python /opt/venv/bin/python --no-deps --no-build-isolation --editable .
RUN /opt/venv/bin/python -m compileall -q schemas warehouse ingest dags cli

# Nothing runs as root. The group is root's, so that a platform may choose another user (OpenShift does).
RUN install -d -m 2775 -o 50000 -g 0 /var/lib/courant /var/lib/courant/log /var/lib/courant/airflow
USER 50000:0

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/opt/courant \
    HOME=/var/lib/courant \
    USER=courant \
    AIRFLOW_HOME=/var/lib/courant/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/courant/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False \
    AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL=1 \
    COURANT_LOG=/var/lib/courant/log

CMD ["courant", "--help"]
