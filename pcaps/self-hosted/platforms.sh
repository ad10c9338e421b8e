#!/bin/bash
# Platforms of machine learning and observability, asked by curl, and by the Langfuse package.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=ml.corp.example
self_hosted_lab $host \
  ray:8265 mlflow:5003 kubeflow:8032 tensorboard:6006 feast:6566 label-studio:8033 \
  langfuse:3010 phoenix:6007
self_hosted_visit laptop langfuse http://$host:3010
lab_finish $host
