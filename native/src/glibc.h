// Ties the library to versions of symbols that glibc 2.28 has, so that what was built on a newer system
// runs on an older one.
#pragma once

#if defined(__linux__) && defined(__x86_64__)
#include <features.h>
#ifdef __GLIBC__
// Since 2.34 these lie in libc.so, under a new version.
__asm__(".symver dlopen,dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym,dlsym@GLIBC_2.2.5");
__asm__(".symver dladdr,dladdr@GLIBC_2.2.5");
#endif
#endif
