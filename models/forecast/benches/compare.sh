#!/bin/sh
# The bench of the forecasters and statsforecast on the same series in one run:
#   models/forecast/benches/compare.sh [SERIES] [SLOW]
# SERIES for the quick models, SLOW (the first ones of them) for the slow challengers and statsforecast.
set -eu
cd "$(dirname "$0")/../../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet statsforecast==2.1.1
cargo bench --quiet -p headroom-forecast --bench thousand -- \
    --series "${1:-1000}" --slow "${2:-20}" --python "$work/venv/bin/python"
