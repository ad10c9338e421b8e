#!/bin/bash
# Rarer inference servers, completion of code, speech and images: asked by curl, and by the openai and
# Anthropic packages; Petals by WebSocket.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=gpu3.corp.example
self_hosted_lab $host \
  dynamo:8050 deepspeed-mii:28080 mlc-llm:8051 powerinfer:8052 koboldai:8053 llamafile:8054 \
  gpustack:8055 truss:8056 kserve:8057 instructlab:8058 kubeai:8059 llama-factory:8060 petals:8061 \
  anthropic-compatible:8062 fauxpilot:8063 copilot-bridge:8064 whisper-cpp:8065 f5-tts:8066 sd-next:8067
for port in 8050 8051 8054 8058; do
  self_hosted_visit laptop openai http://$host:$port
done
API_KEY=gpustack_made_up self_hosted_visit laptop openai http://$host:8055/v1-openai
self_hosted_visit laptop anthropic http://$host:8062 local-model
self_hosted_visit laptop petals http://$host:8061 bigscience/bloomz-petals
printf 'RIFF....WAVE' >"$lab_dir/a.wav"
lab_curl laptop -F file=@"$lab_dir/a.wav" -F response_format=json http://$host:8065/inference
lab_finish $host
