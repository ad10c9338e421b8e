#!/bin/bash
# More inference servers in clear, asked by curl.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=gpu2.corp.example
self_hosted_lab $host \
  nim:8009 tensorrt-llm:8010 lmdeploy:23333 xinference:9997 fastchat:21001 koboldcpp:5001 \
  tabbyapi:5002 aphrodite:2242 llama-stack:8321 lemonade:8011 docker-model-runner:12434 \
  gpt4all:4891 jan:1337 mlx-lm:8012 tensorflow-serving:8501 torchserve:8013 mlserver:8014 \
  bentoml:8015
lab_finish $host
