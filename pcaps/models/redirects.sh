#!/bin/bash
# Models from storage that hubs redirect to, read with the secrets: a file of huggingface.co fetched
# by following it, another asked for by HEAD and fetched in two parts, and a layer of Ollama's
# registry. Another client fetches the last one's link without having asked a hub for it.
. "$(dirname "$0")/../lib/lab.sh"

storage=dd20bb891979d25aebc8bec07b2b3bbc.r2.cloudflarestorage.com
lab_begin
lab_client workstation 10.20.0.30
lab_client other 10.20.0.31
lab_site huggingface.co 203.0.113.10
lab_site cdn-lfs.huggingface.co 203.0.113.11
lab_site registry.ollama.ai 203.0.113.20
lab_site $storage 203.0.113.21
lab_dns
lab_certificate
lab_caddy 'h1 h2' --redirect cdn-lfs.huggingface.co --layers $storage
lab_capture -o redirects.pcapng
export SSLKEYLOGFILE=$lab_dir/keys
hub='unknown/None; hf_hub/0.24.0; python/3.11.2'
model=https://huggingface.co/hf-internal-testing/tiny-random-gpt2/resolve/main
lab_curl workstation -A "$hub" -L "$model/model.safetensors"
lab_curl workstation -A "$hub" -I -D "$lab_dir/head" "$model/consolidated.safetensors"
link=$(sed -n 's/^location: \([^\r]*\)\r*$/\1/Ip' "$lab_dir/head")
lab_curl workstation -A "$hub" -r 0-5999 "$link"
lab_curl workstation -A "$hub" -r 6000- "$link"
layer=https://registry.ollama.ai/v2/library/llama3.2/blobs/sha256:$(printf '1%.0s' {1..64})
lab_curl workstation -A 'ollama/0.5.7 (amd64 linux) Go/go1.23.4' -D "$lab_dir/head" -L "$layer"
link=$(sed -n 's/^location: \([^\r]*\)\r*$/\1/Ip' "$lab_dir/head")
lab_curl other "$link"
unset SSLKEYLOGFILE
lab_stop_capture
editcap -F pcapng --inject-secrets "tls,$lab_dir/keys" "$lab_dir/capture" "$lab_dir/capture.pcapng"
lab_keep "$lab_dir/capture.pcapng" huggingface.co cdn-lfs.huggingface.co registry.ollama.ai $storage
