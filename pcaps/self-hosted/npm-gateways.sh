#!/bin/bash
# Gateways that npm has, before a model that is served here: Portkey's, asked by its package, and the
# Claude Code Router, asked by Anthropic's; OpenCode's and SillyTavern's servers, asked by curl.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=gateway3.corp.example
self_hosted_begin $host
self_hosted_serve vllm:8001
mkdir -p "$lab_dir/.claude-code-router"
cat >"$lab_dir/.claude-code-router/config.json" <<CONF
{"HOST": "0.0.0.0", "PORT": 3456, "APIKEY": "made-up-for-the-lab", "LOG": false,
 "Providers": [{"name": "local", "api_base_url": "http://127.0.0.1:8001/v1/chat/completions",
                "api_key": "not-needed", "models": ["Qwen/Qwen2.5-7B-Instruct"]}],
 "Router": {"default": "local,Qwen/Qwen2.5-7B-Instruct"}}
CONF
self_hosted_program portkey @portkey-ai/gateway/build/start-server.js --port=8787 --headless
self_hosted_program router @musistudio/claude-code-router/dist/cli.js start
(
  cd /srv  # it tells where it was started, and when asked for its agents, folders of this machine
  lab_in_net "$lab_cache/servers/node_modules/opencode-linux-x64-baseline/bin/opencode" serve --port 4096 \
    --hostname 0.0.0.0 >"$lab_dir/opencode.log" 2>&1
) &
(
  cd "$lab_cache/servers/node_modules/sillytavern"
  self_hosted_program sillytavern sillytavern/server.js --listen --port 8019 --dataRoot "$lab_dir/tavern" \
    --configPath "$lab_dir/tavern.yaml" --browserLaunchEnabled=false --whitelist=false --basicAuthMode
  wait
) &
for port in 8787 3456 4096; do lab_wait_tcp $port; done
for _ in {1..12}; do (lab_wait_tcp 8019) 2>/dev/null && break; done  # it compiles its pages first
lab_capture
PORTKEY_HOST=http://127.0.0.1:8001/v1 self_hosted_visit laptop portkey http://$host:8787 Qwen/Qwen2.5-7B-Instruct
API_KEY=made-up-for-the-lab self_hosted_visit laptop anthropic http://$host:3456 claude-sonnet-4-5
lab_curl laptop -H 'x-api-key: made-up-for-the-lab' http://$host:3456/api/config
for path in /config /global/health; do lab_curl laptop http://$host:4096$path; done
lab_curl laptop -X POST -H 'content-type: application/json' -d '{}' http://$host:4096/session
for path in /version /csrf-token /manifest.json; do lab_curl laptop -u user:password http://$host:8019$path; done
lab_finish $host
