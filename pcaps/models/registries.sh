#!/bin/bash
# Hubs and registries of the internet that give their files from storage, read with the secrets: by
# skopeo a model and a container each from GitHub's and Docker's registry, by curl a model and a tool
# from a release on GitHub and a file of ModelScope.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client workstation 10.20.0.30
hosts=(ghcr.io pkg-containers.githubusercontent.com registry-1.docker.io
  production.cloudflare.docker.com github.com release-assets.githubusercontent.com
  www.modelscope.cn cdn-lfs-cn-1.modelscope.cn)
for ((i = 0; i < ${#hosts[@]}; ++i)); do lab_site "${hosts[i]}" 203.0.113.$((30 + i)); done
lab_dns
lab_certificate
lab_in_net node "$lab_lib/registry_server.mjs" "$lab_dir/chain.pem" "$lab_dir/key.pem" "$lab_dir/keys" \
  >"$lab_dir/server.log" 2>&1 &
lab_wait_tcp 443
lab_capture -o registries.pcapng

# skopeo finds the registries by itself, as Docker's client does.
lab_skopeo() { # IMAGE
  lab_on workstation env SSL_CERT_FILE="$lab_dir/ca.pem" skopeo --insecure-policy copy --quiet \
    "docker://$1" "dir:$lab_dir/${1//\//-}"
}
lab_skopeo ghcr.io/lab/models/tiny:q4
lab_skopeo ghcr.io/shop/web:7
lab_skopeo docker.io/ai/smollm2:latest
lab_skopeo docker.io/ollama/ollama:0.12.3
release=https://github.com/lab/vision/releases/download/v1.2
lab_curl workstation -L "$release/detector.onnx"
lab_curl workstation -L "$release/tool-linux.tar.gz"
lab_curl workstation -L \
  'https://www.modelscope.cn/api/v1/models/Qwen/Qwen3-0.6B/repo?Revision=master&FilePath=model.safetensors'
lab_stop_capture
editcap -F pcapng --inject-secrets "tls,$lab_dir/keys" "$lab_dir/capture" "$lab_dir/capture.pcapng"
# skopeo connects anew for every manifest and layer.
LAB_BYTES_MAX=230000 lab_keep "$lab_dir/capture.pcapng" "${hosts[@]}"
