#!/bin/bash
# Inference servers in clear, each on its usual port: asked by curl, and by the openai and Hugging
# Face packages.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=gpu.corp.example
self_hosted_lab $host \
  vllm:8001 sglang:30000 llama-cpp:8080 lm-studio:1234 localai:8081 text-generation-webui:5000 \
  tgi:8082 tei:8083 triton:8000
for port in 8001 30000 8080 1234 8081; do
  self_hosted_visit laptop openai http://$host:$port
done
self_hosted_visit laptop langchain http://$host:8001 Qwen/Qwen2.5-7B-Instruct
self_hosted_visit laptop huggingface http://$host:8082
lab_finish $host
