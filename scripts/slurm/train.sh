#!/usr/bin/env bash
# Trains one model in several processes of a Slurm job: a process for each GPU, or for a group of cores.
#
#   sbatch scripts/slurm/train.sh train --data mrna.csv --rna rna-fm --protein esm2-8m --output runs/first
#   sbatch --nodes 2 scripts/slurm/train.sh finetune --data mrna.csv ... --output runs/tuned
#   sbatch --gpus-per-node 0 --ntasks-per-node 2 --cpus-per-task 8 scripts/slurm/train.sh train ...
#
# Two minutes before the end of its time, and when it is pre-empted, the training keeps a checkpoint after
# the step under way and the job is queued again; it then goes on where it was, to the same end.
#SBATCH --job-name=codonfuse-train
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=8
#SBATCH --mem=0
#SBATCH --time=08:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

CODONFUSE=${CODONFUSE:-codonfuse} # bin/codonfuse of a bundle, scripts/codonfuse of a checkout
THREADS=${THREADS:-${SLURM_CPUS_PER_TASK:-1}}
AGAIN=75 # how a training ends that was asked to stop and has a checkpoint

if [[ $# -eq 0 ]]; then
  echo 'train.sh: give a command and its options, such as train --data mrna.csv --output runs/first.' >&2
  exit 2
fi

# In the background: a trap waits for what runs in front. srun passes signals on to all tasks.
srun --ntasks="$SLURM_NTASKS" --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" \
  "$CODONFUSE" "$@" --resume --threads "$THREADS" &
step=$! stopped='' code=0
trap 'stopped=yes; kill -USR1 "$step" 2> /dev/null || true' USR1 TERM
wait "$step" || code=$?
# A trap ends a wait.
while kill -0 "$step" 2> /dev/null; do
  code=0
  wait "$step" || code=$?
done

if ((code == AGAIN)) || [[ -n $stopped && $code != 0 ]]; then
  echo "Stopped; the job is queued again."
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
