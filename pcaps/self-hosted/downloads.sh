#!/bin/bash
# Models and packages from mirrors in clear: a hub as its Python client asks, a registry as Ollama
# asks (both by curl), and npm itself.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=mirror.corp.example
self_hosted_lab $host hub-mirror:8040 ollama-mirror:8041 npm-mirror:4873
for package in @modelcontextprotocol/sdk left-pad; do
  lab_on laptop npm view "$package" version --registry "http://$host:4873" --fetch-retries=0 \
    --update-notifier=false >/dev/null
done
lab_finish $host
