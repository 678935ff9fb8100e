#include "core/expect.h"

#include <cstdio>
#include <cstdlib>

namespace matou::core {

void contractBroken(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: E_CONTRACT: %s\n", file, line, condition);
    std::abort();
}

} // namespace matou::core
