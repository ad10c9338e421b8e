#!/bin/bash
# Two files of a model from huggingface.co, which redirects to its CDN, and an answer of its
# inference router.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client workstation 10.20.0.30
lab_site huggingface.co 203.0.113.10
lab_site cdn-lfs.huggingface.co 203.0.113.11
lab_site router.huggingface.co 203.0.113.12
lab_dns
lab_certificate
lab_caddy 'h1 h2' --redirect cdn-lfs.huggingface.co
lab_capture
lab_curl workstation -A 'unknown/None; hf_hub/0.24.0; python/3.11.2' -L \
  https://huggingface.co/hf-internal-testing/tiny-random-gpt2/resolve/main/model.safetensors
lab_curl workstation -H 'content-type: application/json' -H 'authorization: Bearer hf_lab' \
  -d '{"model":"lab","stream":true,"messages":[{"role":"user","content":"Hello."}]}' \
  https://router.huggingface.co/v1/chat/completions
lab_finish huggingface.co cdn-lfs.huggingface.co router.huggingface.co
