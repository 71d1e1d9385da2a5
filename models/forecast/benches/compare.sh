#!/bin/sh
# The bench of the forecasters and statsforecast on the same series in one run:
#   models/forecast/benches/compare.sh [SERIES] [SLOW] [BESIDE]
# SERIES for the quick models, the first SLOW for the slow challengers, the first BESIDE for all and statsforecast.
# MSTL of day and week alone takes more than five CPU minutes for each of BESIDE.
set -eu
cd "$(dirname "$0")/../../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet statsforecast==2.1.1
cargo bench --quiet -p headroom-forecast --bench thousand -- \
    --series "${1:-1000}" --slow "${2:-20}" --beside "${3:-4}" --python "$work/venv/bin/python"
