#!/bin/bash
# The packages of Elastic, OpenSearch, Pinecone, Llama Stack and Firecrawl, each at a server as its own.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=vector2.corp.example
self_hosted_begin $host
self_hosted_serve elasticsearch-vectors:9200 opensearch-vectors:9201 pinecone-local:5080 llama-stack:8321 \
  firecrawl:3002
lab_capture
self_hosted_visit laptop elasticsearch http://$host:9200
self_hosted_visit laptop opensearch http://$host:9201
self_hosted_visit laptop pinecone http://$host:5080
self_hosted_visit laptop llama-stack http://$host:8321 llama3.2:3b
self_hosted_visit laptop firecrawl http://$host:3002
lab_finish $host
