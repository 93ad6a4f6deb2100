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

set(LibTorch_NCCL_INCLUDE_DIRS "")
if(EXISTS "${LIBTORCH_DIRECTORY}/lib/libtorch_cuda.so")
  # Python's packages of CUDA lie beside torch.
  file(GLOB candidates "${LIBTORCH_DIRECTORY}/../nvidia/*/include")
  foreach(home IN ITEMS "$ENV{CUDA_HOME}" "$ENV{CUDA_PATH}" /usr/local/cuda)
    if(home AND IS_DIRECTORY "${home}/include")
      list(APPEND candidates "${home}/include")
    endif()
  endforeach()
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  try_compile(LibTorch_NCCL "${CMAKE_BINARY_DIR}/nccl"
    SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/src/nccl_group.cpp"
    CMAKE_FLAGS
      "-DINCLUDE_DIRECTORIES=${candidates};${CMAKE_CURRENT_SOURCE_DIR}/include;${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    COMPILE_DEFINITIONS -DCODONFUSE_NCCL
    CXX_STANDARD 20
    OUTPUT_VARIABLE output)
  unset(CMAKE_TRY_COMPILE_TARGET_TYPE)
  if(LibTorch_NCCL)
    set(LibTorch_NCCL_INCLUDE_DIRS ${candidates})
  else()
    file(WRITE "${CMAKE_BINARY_DIR}/nccl.log" "${output}")
    message(WARNING "Without NCCL, so one GPU for each training: ${CMAKE_BINARY_DIR}/nccl.log says why")
  endif()
endif()
