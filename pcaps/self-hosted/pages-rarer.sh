#!/bin/bash
# Rarer pages to chat with models and documents, and builders of agents, asked by curl as their pages
# and documentation do.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=chat2.corp.example
self_hosted_lab $host \
  betterchatgpt:8070 hf-chat-ui:8071 chuanhu-chat:8072 onyx:8073 h2ogpt:8074 quivr:8075 maxkb:8076 \
  fastgpt:8077 qanything:8777 weknora:8078 cognee:8079 astrbot:6185 langroid:8080 autogpt:8006 \
  crewai-studio:8081 superagi:8082 hayhooks:1416 argilla:6900
printf 'Rooms that are quiet.' >"$lab_dir/a.txt"
lab_curl laptop -F data=@"$lab_dir/a.txt" -F datasetName=handbook http://$host:8079/api/v1/add
lab_finish $host
