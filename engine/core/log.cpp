#include "core/log.h"

#include <atomic>
#include <cstdlib>
#include <string>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace matou::core {
namespace {

std::atomic<Language> processLanguage{Language::en};

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto made = spdlog::stderr_logger_mt("matou");
        made->set_pattern("%v");
        const char* level = std::getenv("MATOU_LOG");
        made->set_level(level && std::string_view(level) == "debug" ? spdlog::level::debug : spdlog::level::info);
        return made;
    }();
    return *instance;
}

} // namespace

void setLogLanguage(Language language) { processLanguage = language; }

void log(LogLevel level, std::string_view line) {
    switch (level) {
    case LogLevel::debug: logger().debug("{}", line); break;
    case LogLevel::info: logger().info("{}", line); break;
    case LogLevel::warn: logger().warn("{}", line); break;
    case LogLevel::error: logger().error("{}", line); break;
    }
}

void logError(const Error& error) { log(LogLevel::error, describe(error, processLanguage)); }
void logWarning(const Error& remark) { log(LogLevel::warn, describe(remark, processLanguage)); }

} // namespace matou::core
