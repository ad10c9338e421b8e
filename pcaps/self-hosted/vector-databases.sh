#!/bin/bash
# Vector databases, asked by curl, and by the packages of Qdrant, Chroma and Milvus.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=vector.corp.example
self_hosted_lab $host \
  qdrant:6333 weaviate:8025 milvus:19530 chroma:8026 elasticsearch-vectors:9200 \
  opensearch-vectors:9201 vespa:8027 marqo:8882 pinecone-local:5080
self_hosted_visit laptop qdrant http://$host:6333
self_hosted_visit laptop chroma http://$host:8026
self_hosted_visit laptop milvus http://$host:19530
lab_finish $host
