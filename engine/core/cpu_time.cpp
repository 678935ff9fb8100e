#include "core/cpu_time.h"

#include <time.h>

namespace matou::core {
namespace {

double millisecondsOf(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

} // namespace

double threadCpuMilliseconds() { return millisecondsOf(CLOCK_THREAD_CPUTIME_ID); }
double processCpuMilliseconds() { return millisecondsOf(CLOCK_PROCESS_CPUTIME_ID); }

} // namespace matou::core
