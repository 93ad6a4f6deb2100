// In glibc 2.32 and newer, where libstdc++ asks it whether reference counts must be atomic. A library with
// this symbol does not load under an older one, so it has its own, which always says yes.
extern "C" {
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern char __libc_single_threaded;
char __libc_single_threaded = 0;
}
