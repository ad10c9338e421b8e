#!/bin/bash
# A pull from Ollama's registry: manifest, then a layer from the storage it redirects to, whose own
# name is not AI.
. "$(dirname "$0")/../lib/lab.sh"

storage=dd20bb891979d25aebc8bec07b2b3bbc.r2.cloudflarestorage.com
lab_begin
lab_client workstation 10.20.0.30
lab_site registry.ollama.ai 203.0.113.20
lab_site $storage 203.0.113.21
lab_dns
lab_certificate
lab_caddy 'h1 h2' --redirect $storage
lab_capture
agent='ollama/0.5.7 (amd64 linux) Go/go1.23.4'
lab_curl workstation -A "$agent" -H 'accept: application/vnd.docker.distribution.manifest.v2+json' \
  https://registry.ollama.ai/v2/library/llama3.2/manifests/1b
lab_curl workstation -A "$agent" -L \
  "https://registry.ollama.ai/v2/library/llama3.2/blobs/sha256:$(printf '1%.0s' {1..64})"
lab_finish registry.ollama.ai $storage
