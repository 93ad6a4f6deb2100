# Sources that need headers of CUDA, which are not on every machine: Python's packages of CUDA bring them
# beside torch, and the toolkit has them.

set(CUDA_HEADER_CANDIDATES "")
if(EXISTS "${LIBTORCH_DIRECTORY}/lib/libtorch_cuda.so")
  file(GLOB CUDA_HEADER_CANDIDATES "${LIBTORCH_DIRECTORY}/../nvidia/*/include")
  foreach(home IN ITEMS "$ENV{CUDA_HOME}" "$ENV{CUDA_PATH}" /usr/local/cuda)
    if(home AND IS_DIRECTORY "${home}/include")
      list(APPEND CUDA_HEADER_CANDIDATES "${home}/include")
    endif()
  endforeach()
endif()

# Sets `result` to the directories that a source compiles with where LibTorch has CUDA; to nothing, with a
# warning that begins with `without`, where it does not compile.
function(find_cuda_headers result source definition without)
  set(${result} "" PARENT_SCOPE)
  if(NOT EXISTS "${LIBTORCH_DIRECTORY}/lib/libtorch_cuda.so")
    return()
  endif()
  get_filename_component(name "${source}" NAME_WE)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  try_compile(${result}_COMPILES "${CMAKE_BINARY_DIR}/${name}"
    SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/${source}"
    CMAKE_FLAGS
      "-DINCLUDE_DIRECTORIES=${CUDA_HEADER_CANDIDATES};${CMAKE_CURRENT_SOURCE_DIR}/include;${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    COMPILE_DEFINITIONS -D${definition}
    CXX_STANDARD 20
    OUTPUT_VARIABLE output)
  if(${result}_COMPILES)
    set(${result} ${CUDA_HEADER_CANDIDATES} PARENT_SCOPE)
  else()
    file(WRITE "${CMAKE_BINARY_DIR}/${name}.log" "${output}")
    message(WARNING "${without}: ${CMAKE_BINARY_DIR}/${name}.log says why")
  endif()
endfunction()
