#!/bin/bash
# Builders and servers of agents, asked by curl, and by the Flowise and LangGraph packages.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=agents.corp.example
self_hosted_lab $host \
  dify:8021 flowise:3008 langflow:7861 n8n:5678 langserve:8022 langgraph-server:2024 \
  autogen-studio:8023 openhands:3009 openclaw:18789 opencode:4096 acp:8024
self_hosted_visit laptop flowise http://$host:3008
self_hosted_visit laptop langgraph http://$host:2024
lab_finish $host
