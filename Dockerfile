# The questionnaire as a container: docker build --tag explainer . && docker run --read-only --publish 8000:8000 explainer
# docs/deploy.md tells how to run it. Both stages begin from the same image, so that what one makes runs in the other.

FROM python:3.13-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
WORKDIR /build
# durable_rules calls a C function that Python 3.13 took away; its old name is given here (docs/decisions/0002).
ENV CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject
COPY requirements/build.txt requirements/user.txt requirements/
RUN python -m venv tools
RUN tools/bin/pip install --no-cache-dir --require-hashes --requirement requirements/build.txt
RUN tools/bin/pip wheel --no-cache-dir --no-build-isolation --require-hashes --requirement requirements/user.txt --wheel-dir wheels
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY explainer explainer
COPY rules rules
COPY templates templates
RUN tools/bin/hatchling build --target wheel --directory wheels
# What runs has neither pip nor the tools that built it.
RUN python -m venv --without-pip /opt/explainer
RUN tools/bin/pip --python /opt/explainer install --no-cache-dir --no-index --no-deps wheels/*.whl

FROM python:3.13-slim
COPY --from=build /opt/explainer /opt/explainer
ENV PATH=/opt/explainer/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# A number, so that Kubernetes can see that it is not root. Nothing in the image belongs to this user.
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
ENTRYPOINT ["explainer", "serve", "--host", "0.0.0.0"]
CMD ["--workers", "2"]
