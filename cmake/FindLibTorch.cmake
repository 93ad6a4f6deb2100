# Finds LibTorch in the directory that LIBTORCH_DIRECTORY names and defines the imported target
# LibTorch::LibTorch and LibTorch_VERSION.
#
# LibTorch's own TorchConfig.cmake is not used: that of a CUDA build asks for the CUDA toolkit,
# which neither compiling nor linking against the libraries needs.

set(LIBTORCH_DIRECTORY "" CACHE PATH "Directory with LibTorch's include and lib (scripts/libtorch)")

find_path(LibTorch_INCLUDE_DIR ATen/ATen.h
  PATHS "${LIBTORCH_DIRECTORY}/include" NO_DEFAULT_PATH)
foreach(library IN ITEMS torch torch_cpu c10)
  find_library(LibTorch_${library}_LIBRARY ${library}
    PATHS "${LIBTORCH_DIRECTORY}/lib" NO_DEFAULT_PATH)
endforeach()

# Newer versions define the numbers in headeronly.
foreach(header IN ITEMS torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(NOT LibTorch_VERSION AND EXISTS "${LibTorch_INCLUDE_DIR}/${header}")
    file(STRINGS "${LibTorch_INCLUDE_DIR}/${header}" lines
      REGEX "^#define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
    string(REGEX REPLACE "#define TORCH_VERSION_[A-Z]+ ([0-9]+)" "\\1" numbers "${lines}")
    list(JOIN numbers "." LibTorch_VERSION)
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_torch_LIBRARY LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY
    LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  HANDLE_VERSION_RANGE)

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  # Which std::string the libraries were built with; 1 since 2.7.
  set(cxx11_abi 1)
  set(torch_config "${LIBTORCH_DIRECTORY}/share/cmake/Torch/TorchConfig.cmake")
  if(EXISTS "${torch_config}")
    file(STRINGS "${torch_config}" line REGEX "_GLIBCXX_USE_CXX11_ABI=[01]" LIMIT_COUNT 1)
    if(line MATCHES "_GLIBCXX_USE_CXX11_ABI=([01])")
      set(cxx11_abi ${CMAKE_MATCH_1})
    endif()
  endif()

  # The CUDA libraries register their kernels when they are loaded; no symbol of theirs is named.
  set(libraries "${LibTorch_torch_LIBRARY}" "${LibTorch_torch_cpu_LIBRARY}"
    "${LibTorch_c10_LIBRARY}")
  foreach(library IN ITEMS torch_cuda c10_cuda torch_hip c10_hip)
    if(EXISTS "${LIBTORCH_DIRECTORY}/lib/lib${library}.so")
      list(APPEND libraries "${LIBTORCH_DIRECTORY}/lib/lib${library}.so")
    endif()
  endforeach()

  # at::parallel_for is a template over OpenMP: without it everything runs on one thread. A second
  # runtime beside the one that LibTorch brings would keep threads of its own.
  find_package(OpenMP REQUIRED COMPONENTS CXX)
  set(openmp OpenMP::OpenMP_CXX)
  file(GLOB runtimes "${LIBTORCH_DIRECTORY}/lib/libgomp*.so*")
  if(runtimes AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(GET runtimes 0 openmp)
  endif()

  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_compile_options(LibTorch::LibTorch INTERFACE ${OpenMP_CXX_FLAGS})
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  target_compile_definitions(LibTorch::LibTorch INTERFACE _GLIBCXX_USE_CXX11_ABI=${cxx11_abi})
  target_link_libraries(LibTorch::LibTorch INTERFACE
    -Wl,--push-state,--no-as-needed ${libraries} -Wl,--pop-state ${openmp})
endif()
