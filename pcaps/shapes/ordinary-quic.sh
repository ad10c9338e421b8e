#!/bin/bash
# The sessions of the plan ordinary-quic (lib/shape_plan.mjs), twice: seed 1 is what the measure was tuned on,
# seed 2 what it is evaluated on. docs/shadow.md tells the results.
. "$(dirname "$0")/../lib/shapes.sh"

if [[ -z ${SHAPES_SEED:-} ]]; then
  lab_cleanup
  for seed in 1 2; do SHAPES_SEED=$seed "$0" || exit 1; done
  exit 0
fi
shapes_capture ordinary-quic "$SHAPES_SEED" quic
