#include <gtest/gtest.h>

#include <cstdlib>

#include "core/messages.h"

using namespace matou::core;

TEST(Messages, areCompleteInBothLanguages) { EXPECT_TRUE(incompleteMessages().empty()) << incompleteMessages().front(); }

TEST(Messages, describeIsOneLineWithWhereAndCode) {
    Error error{"E_JSON_MISSING", {"id"}, "a.json#/x", nullptr};
    EXPECT_EQ(describe(error, Language::en), "a.json#/x: E_JSON_MISSING: member id is missing");
    EXPECT_EQ(describe(error, Language::zh), "a.json#/x: E_JSON_MISSING: 缺少成员 id");
    error.arguments = {"evil\nname\x1b[31m"};
    EXPECT_EQ(describe(error, Language::en).find('\n'), std::string::npos);
    EXPECT_EQ(describe(error, Language::en).find('\x1b'), std::string::npos);
}

TEST(Messages, unknownKeysAreSeenNotHidden) { EXPECT_EQ(text(Language::en, "E_NOBODY_WROTE", {"x"}), "E_NOBODY_WROTE x"); }

TEST(Languages, followTheLocale) {
    const auto with = [](const char* value) {
        setenv("LC_ALL", value, 1);
        const auto result = languageOfEnvironment(Language::zh);
        unsetenv("LC_ALL");
        return result;
    };
    EXPECT_EQ(with("zh_CN.UTF-8"), Language::zh);
    EXPECT_EQ(with("en_GB.UTF-8"), Language::en);
    EXPECT_EQ(with("C"), Language::zh);
    EXPECT_EQ(with("C.UTF-8"), Language::zh);
}
