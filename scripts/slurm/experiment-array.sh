#!/usr/bin/env bash
# Runs an experiment in an array of Slurm jobs, which share its runs, and then writes its tables.
#
#   EXPERIMENT=experiments/quick.yaml OUTPUT=quick JOBS=4 scripts/slurm/experiment-array.sh [SBATCH OPTION...]
#
# submits both and prints their numbers. A job that is stopped by pre-emption, by the end of its time or with
# its node is queued again and goes on with the run it was at. The same command again does what is missing.
#SBATCH --job-name=codonfuse-experiment
#SBATCH --cpus-per-task=8
#SBATCH --mem=16G
#SBATCH --time=08:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

CODONFUSE=${CODONFUSE:-codonfuse} # bin/codonfuse of a bundle, scripts/codonfuse of a checkout
EXPERIMENT=${EXPERIMENT:?names the file that describes the experiment}
OUTPUT=${OUTPUT:?names the directory for results}
JOBS=${JOBS:-4}
read -r -a OPTIONS <<< "${OPTIONS:-}" # more options of experiment, such as --data mrna.csv

share() {
  # In the background: a trap waits for what runs in front.
  "$CODONFUSE" experiment "$EXPERIMENT" --output "$OUTPUT" --shard "$SLURM_ARRAY_TASK_ID/$JOBS" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" "${OPTIONS[@]}" &
  local process=$! stopped='' code=0
  trap 'stopped=yes; kill "$process" 2> /dev/null || true' USR1 TERM
  wait "$process" || code=$?
  if [[ -n $stopped ]]; then
    wait "$process" || code=$?
    if ((code != 0)); then
      scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
    fi
  fi
  return "$code"
}

case ${1:-} in
  share) share ;;
  tables) "$CODONFUSE" experiment "$EXPERIMENT" --output "$OUTPUT" --shard none "${OPTIONS[@]}" ;;
  *)
    array=$(sbatch --parsable "$@" --array="1-$JOBS" "$0" share)
    # Also if a job failed: it then does what that one did not.
    tables=$(sbatch --parsable "$@" --job-name=codonfuse-tables --dependency="afterany:$array" "$0" tables)
    printf 'array %s, tables %s\n' "$array" "$tables"
    ;;
esac
