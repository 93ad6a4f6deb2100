# Where a bundle keeps the native library, which is built for one LibTorch: sourced by bin/codonfuse and
# scripts/build-native.
# shellcheck shell=bash

# libtorch_request: prints what scripts/libtorch decides with.
libtorch_request() {
  printf 'LIBTORCH_HOME=%s CODONFUSE_LIBTORCH=%s python=%s\n' "${LIBTORCH_HOME:-}" \
    "${CODONFUSE_LIBTORCH:-}" "$(command -v python3 || true)"
}

# native_directories BUNDLE: prints the places of a build for the LibTorch of now, the preferred one first.
native_directories() {
  local key user=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}} version
  key=$(libtorch_request | cksum)
  key=${key%% *}
  read -r version < "$1/version"
  printf '%s\n' "$1/native/built/$key" "${user:-/tmp/codonfuse-$UID}/codonfuse/native/$version/$key"
}

# native_build BUNDLE: prints the directory of the library to use; nothing if there is none.
native_build() {
  local directory
  [[ ${CODONFUSE_LIBTORCH:-} != off ]] || return 0
  while IFS= read -r directory; do
    # Outside the bundle somebody else could have put it there, such as below /tmp.
    if [[ -f $directory/libcodonfuse.so ]] &&
      [[ $directory == "$1"/* || -O $directory/libcodonfuse.so ]]; then
      printf '%s\n' "$directory"
      return
    fi
  done < <(native_directories "$1")
  if [[ -f $1/native/prebuilt/libcodonfuse.so && -f $1/libtorch/lib/libtorch_cpu.so ]]; then
    printf '%s\n' "$1/native/prebuilt"
  fi
}

# new_native_build BUNDLE: prints the directory for a build.
new_native_build() {
  local inside
  inside=$(native_directories "$1" | head -n 1)
  if mkdir -p "$inside" 2> /dev/null && [[ -w $inside ]]; then
    printf '%s\n' "$inside"
  else
    native_directories "$1" | tail -n 1
  fi
}
