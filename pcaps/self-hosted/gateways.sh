#!/bin/bash
# Gateways before models, asked by curl, and by the openai and Portkey packages; one wants a key,
# and is asked with and without.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=gateway.corp.example
self_hosted_lab $host \
  litellm:4000 one-api:3001 new-api:3002 portkey-gateway:8787 bifrost:8016 helicone:8585 \
  envoy-ai-gateway:8017 kong-ai-gateway:8018 tensorzero:3003 crawl4ai:11235 firecrawl:3004
API_KEY=sk-made-up-for-the-lab self_hosted_visit laptop openai http://$host:4000 gpt-4o
self_hosted_visit laptop portkey http://$host:8787 gpt-4o
lab_finish $host
