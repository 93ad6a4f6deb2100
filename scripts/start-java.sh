# How Java starts Codonfuse: sourced by scripts/codonfuse in a checkout, by bin/codonfuse in a bundle and
# by scripts/bundle. They set
#   jdk   the home of Java
#   home  the directory of codonfuse.jar, where what makes it start faster is kept, too
#   extra options of Java besides
# shellcheck shell=bash disable=SC2154

jar=$home/codonfuse.jar
main=(-cp "$jar" org.codonfuse.cli.Main)

# environment: what Java and LibTorch read there.
environment() {
  # Paths and output are UTF-8 even where no locale is set.
  case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in
    *[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) ;;
    *) export LC_ALL=C.UTF-8 ;;
  esac
  # Threads of LibTorch that wait must not spin: where others use the cores too, that makes training
  # several times slower.
  export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
}

# of_kind KIND: sets options and the file of the cache for a kind of commands. What computes (work) gets
# the module of vectors, of which Java warns; what ends before optimised code would pay (plain) does not.
of_kind() {
  kind=$1
  # Warnings of the virtual machine must not mix with results, which is where it prints them; a cache
  # that does not fit the options of the user is no matter. Half of the memory: LibTorch needs the
  # other; and a young generation that does not grow only because nothing else asks for the memory.
  options=(
    -XX:MaxRAMPercentage=50
    -XX:+UseParallelGC
    -XX:MaxNewSize=128m
    -Xlog:disable
    '-Xlog:all=error,aot*=off,cds*=off:stderr'
    --enable-native-access=ALL-UNNAMED
  )
  if [[ $kind == work ]]; then
    options+=(--add-modules jdk.incubator.vector)
  fi
  local line version=unknown
  while IFS= read -r line; do
    if [[ $line =~ ^JAVA_(RUNTIME_)?VERSION=\"?([^\"]*) ]]; then
      version=${BASH_REMATCH[2]}
      [[ -z ${BASH_REMATCH[1]} ]] || break
    fi
  done < "$jdk/release"
  cache=$home/startup-$kind-$version.aot
}

# sample DIRECTORY: a run of the kind in an empty directory, from which classes and what compilers know
# of methods are kept.
sample() {
  local command=("$jdk/bin/java" "${options[@]}")
  if [[ $kind == plain ]]; then
    "${command[@]}" "-XX:AOTCacheOutput=$cache.part" "${main[@]}" --help
    return
  fi
  local codons=(GCU UGU GAU GAA UUU GGU CAU AUU AAA CUU) i j
  "${command[@]}" "${main[@]}" models random esm2-8m "$1/model" || return
  for ((i = 0; i < 100; i++)); do
    printf '>%d\nAUG' "$i"
    for ((j = 0; j < 26; j++)); do
      printf %s "${codons[(i * j + i / 10 * (j % 7) + i) % 10]}"
    done
    printf '\n'
  done > "$1/sample.fasta"
  "${command[@]}" "-XX:AOTCacheOutput=$cache.part" "${main[@]}" embed --backend vector \
    --model "$1/model" --input "$1/sample.fasta" --output "$1/store"
}

# make_cache: beside the jar, with which the kind starts in half the time. A cache of another jar, Java
# or machine is not used.
make_cache() (
  scratch=$(mktemp -d)
  trap 'rm -rf "$cache.part" "$cache.part.config" "$scratch"' EXIT
  sample "$scratch" && mv "$cache.part" "$cache"
)

# make_cache_aside: in the background, and by one process alone.
make_cache_aside() {
  local lock=$home/.startup-$kind.lock
  if [[ -d $lock && -n $(find "$lock" -maxdepth 0 -mmin +5) ]]; then
    rmdir "$lock" 2> /dev/null || true # Left by one that was killed.
  fi
  if mkdir "$lock" 2> /dev/null; then
    (
      trap 'rmdir "$lock"' EXIT
      renice -n 10 -p "$BASHPID"
      make_cache
    ) < /dev/null > /dev/null 2>&1 &
    disown
  fi
}

# start ARGUMENT...: becomes Java with Codonfuse.
start() {
  environment
  local argument size quick=()
  case ${1:-} in
    models | store | data | metrics | help | '') of_kind plain ;;
    *) of_kind work ;;
  esac
  for argument in "$@"; do
    case $argument in
      --help | -h | --version | -V)
        of_kind plain
        quick=(-XX:TieredStopAtLevel=1)
        break
        ;;
      --) break ;;
    esac
  done
  if [[ $cache -nt $jar ]]; then
    options+=("-XX:AOTCache=$cache")
  elif [[ -w $home ]]; then
    make_cache_aside
  fi
  if [[ -t 2 ]] && size=$(stty size <&2 2> /dev/null); then
    options+=("-Dcodonfuse.terminal.columns=${size#* }")
  fi
  # shellcheck disable=SC2086 # Several options.
  exec "$jdk/bin/java" "${options[@]}" "${quick[@]}" "${extra[@]}" ${CODONFUSE_JAVA_OPTIONS:-} \
    "${main[@]}" "$@"
}
