#pragma once
// Third-party test data: MATOU_TEST_DATA, by default the folder `shared` beside the checkout. A case that needs what is
// not there is skipped with the words "no test data", which tools/test counts as not run.

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace matou::tests {

inline std::filesystem::path testData(const std::string& relative) {
    const char* given = std::getenv("MATOU_TEST_DATA");
    const std::filesystem::path root =
        given && *given ? std::filesystem::path(given) : std::filesystem::path(MATOU_SOURCE_DIR).parent_path() / "shared";
    return root / relative;
}

} // namespace matou::tests

/// First line of a case: declares `variable` as the path below the test data, or ends the case as not run.
#define MATOU_NEEDS_TEST_DATA(variable, relative)                                                                      \
    const std::filesystem::path variable = ::matou::tests::testData(relative);                                         \
    if (!std::filesystem::exists(variable)) GTEST_SKIP() << "no test data: " << (relative)
