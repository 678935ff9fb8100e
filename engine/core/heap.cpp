#include "core/heap.h"

#include <malloc.h>

namespace matou::core {

void keepFreedMemory() {
#ifdef __GLIBC__
    // What a city tile takes on its way; larger blocks are rare and go back at once. Unset, both would follow the largest block seen.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}

void returnFreeMemory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

} // namespace matou::core
