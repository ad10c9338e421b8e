#!/bin/bash
# Notebooks and frameworks for apps, asked by curl and by the Gradio package.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=apps.corp.example
self_hosted_lab $host \
  jupyterhub:8028 marimo:2718 gradio:7862 streamlit:8502 chainlit:8029
self_hosted_visit laptop gradio http://$host:7862
lab_finish $host
