# Which of c10d's groups the library can be built with: LibTorch_GLOO, and LibTorch_NCCL_INCLUDE_DIRS
# with the headers of CUDA and NCCL that LibTorch's own need. Neither is in every LibTorch, and the
# headers of the second are not on every machine.

include(CheckCSourceCompiles)

set(CMAKE_REQUIRED_LIBRARIES LibTorch::LibTorch)
set(CMAKE_REQUIRED_QUIET ON)
check_c_source_compiles(
  "extern char group[] __asm__(\"_ZTVN4c10d16ProcessGroupGlooE\"); int main(void) { return group[0]; }"
  LibTorch_GLOO)
unset(CMAKE_REQUIRED_LIBRARIES)

find_cuda_headers(LibTorch_NCCL_INCLUDE_DIRS src/nccl_group.cpp CODONFUSE_NCCL
  "Without NCCL, so one GPU for each training")
