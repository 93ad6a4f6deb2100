# Options of our own sources.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

option(CODONFUSE_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

# Not where users build: every compiler warns of other things, of LibTorch's headers too once they are
# inlined (GCC 13: -Warray-bounds).
option(CODONFUSE_WERROR "Let warnings fail the build" OFF)

add_library(codonfuse_options INTERFACE)
target_compile_options(codonfuse_options INTERFACE -Wall -Wextra)
if(CODONFUSE_WERROR)
  target_compile_options(codonfuse_options INTERFACE -Werror)
endif()

if(CODONFUSE_SANITIZE)
  # vptr needs type information that LibTorch does not export.
  set(sanitize -fsanitize=address,undefined -fno-sanitize=vptr)
  target_compile_options(codonfuse_options INTERFACE
    ${sanitize} -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g -O1)
  target_link_options(codonfuse_options INTERFACE ${sanitize})
endif()
