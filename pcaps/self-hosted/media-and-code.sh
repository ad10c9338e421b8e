#!/bin/bash
# Images, speech and completion of code, asked by curl.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=studio.corp.example
self_hosted_lab $host \
  stable-diffusion-webui:7860 comfyui:8188 invokeai:9090 fooocus:7865 whisper-asr:9000 \
  speaches:8030 gpt-sovits:9880 tabby:8031 refact:8008
printf 'RIFF....WAVE' >"$lab_dir/a.wav"
lab_curl laptop -F audio_file=@"$lab_dir/a.wav" http://$host:9000/asr
lab_curl laptop -F file=@"$lab_dir/a.wav" -F model=whisper-1 http://$host:8030/v1/audio/transcriptions
lab_finish $host
