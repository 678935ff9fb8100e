#include "core/heap.h"

#include <malloc.h>

namespace matou::core {

void keepFreedMemory() {
#ifdef __GLIBC__
    // Sizes that city tiles, their files and their pictures have; larger ones are rare and go back at once.
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 32 << 20);
#endif
}

void returnFreeMemory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

} // namespace matou::core
