#pragma once
// Contract checks. A broken contract is a bug in this program, never a property of its input: input errors are Result<T>.

namespace matou::core {
/// Prints the broken condition and where it stands, then aborts.
[[noreturn]] void contractBroken(const char* condition, const char* file, int line);
} // namespace matou::core

#define MATOU_EXPECT(condition)                                                                                        \
    do {                                                                                                               \
        if (!(condition)) ::matou::core::contractBroken(#condition, __FILE__, __LINE__);                               \
    } while (false)
