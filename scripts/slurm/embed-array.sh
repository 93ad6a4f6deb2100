#!/usr/bin/env bash
# Embeds sequences in an array of Slurm jobs, a share in each, and then joins the shares to one store.
#
#   INPUT=transcripts.fasta OUTPUT=stores/fm SHARDS=16 scripts/slurm/embed-array.sh [SBATCH OPTION...]
#
# submits both, such as with --partition gpu --gpus 1, and prints their numbers. A share that is stopped by
# pre-emption, by the end of its time or with its node is queued again and goes on after the last part of
# its store that is whole. The same command again does those shares alone that are not there.
#SBATCH --job-name=codonfuse-embed
#SBATCH --cpus-per-task=8
#SBATCH --mem=16G
#SBATCH --time=02:00:00
#SBATCH --signal=B:USR1@60
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

CODONFUSE=${CODONFUSE:-codonfuse} # bin/codonfuse of a bundle, scripts/codonfuse of a checkout
INPUT=${INPUT:?names the sequences}
OUTPUT=${OUTPUT:?names the store}
MODEL=${MODEL:-rna-fm}
SHARDS=${SHARDS:-16}
DEVICE=${DEVICE:-auto} # cuda: never the CPU in its place
read -r -a OPTIONS <<< "${OPTIONS:-}" # more options of embed, such as --precision bfloat16

shard() {
  local share=$SLURM_ARRAY_TASK_ID store
  store=$OUTPUT.shard-$share-of-$SHARDS
  if [[ -e $store ]]; then
    echo "$store is there."
    return
  fi
  # In the background: a trap waits for what runs in front.
  "$CODONFUSE" embed --model "$MODEL" --input "$INPUT" --output "$OUTPUT" --shard "$share/$SHARDS" \
    --device "$DEVICE" --threads "${SLURM_CPUS_PER_TASK:-1}" "${OPTIONS[@]}" &
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
  shard) shard ;;
  merge) "$CODONFUSE" store merge --output "$OUTPUT" "$OUTPUT".shard-*-of-"$SHARDS" ;;
  *)
    # What is stopped to be queued again has not failed: the second waits for the last attempt.
    array=$(sbatch --parsable "$@" --array="1-$SHARDS" "$0" shard)
    merge=$(sbatch --parsable --cpus-per-task=1 --mem=4G "$@" --job-name=codonfuse-merge \
      --dependency="afterok:$array" "$0" merge)
    printf 'array %s, merge %s\n' "$array" "$merge"
    ;;
esac
