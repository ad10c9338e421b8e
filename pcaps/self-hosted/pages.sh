#!/bin/bash
# Pages to chat with models, asked by curl as their pages do.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=chat.corp.example
self_hosted_lab $host \
  open-webui:3005 anythingllm:3006 librechat:3080 lobechat:3210 nextchat:3007 ragflow:9380 \
  lightrag:9621 sillytavern:8019 private-gpt:8020 mem0:8888
lab_finish $host
