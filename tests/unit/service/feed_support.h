#pragma once
// A service with one feed of the tiny district's, declared as people declare it: in district.toml.

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "core/file.h"
#include "core/messages.h"
#include "service/service.h"
#include "support/tiny_district.h"

namespace matou::tests {

struct OneFeed : support::TemporaryFolder {
    explicit OneFeed(const std::string& toml) : TemporaryFolder("feed") {
        support::writeTinyDistrict(path / "d");
        std::string text = toml;
        for (auto at = text.find("FOLDER"); at != std::string::npos; at = text.find("FOLDER")) text.replace(at, 6, path.string());
        std::ofstream(path / "d" / "district.toml", std::ios::app) << "\n" << text;
        auto opened = district::District::open(path / "d");
        EXPECT_TRUE(opened) << (opened ? "" : core::describe(opened.error(), core::Language::en));
        if (!opened) return;
        for (const auto& warning : opened->warnings) EXPECT_NE(warning.code, "W_TOML_KEY") << warning.arguments[0];
        std::erase_if(opened->feeds, [](const auto& feed) { return feed.kind == "embedded"; });
        district = std::make_shared<const district::District>(std::move(*opened));
    }
    core::Result<void> start() {
        service::ServiceOptions options;
        options.district = district;
        options.clock = std::make_shared<core::RealClock>();
        options.history = path / "h.db";
        auto started = service::Service::start(std::move(options));
        if (!started) return tl::unexpected(started.error());
        service = std::move(*started);
        return {};
    }
    twin::FeedState feed() const { return service->snapshot()->feeds.at(0); }
    const twin::SensorState& sensor(const std::string& id) {
        snapshot = service->snapshot();
        return snapshot->sensors[snapshot->registry->sensorIndex.at(id)];
    }
    template <typename Condition>
    bool soon(Condition condition, int milliseconds = 8000) {
        for (int i = 0; i < milliseconds / 20; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return condition();
    }
    static std::string ago(int seconds) { return core::formatInstant(core::RealClock().now() - std::chrono::seconds(seconds)); }

    std::shared_ptr<const district::District> district;
    std::shared_ptr<const twin::StateSnapshot> snapshot;
    std::unique_ptr<service::Service> service;
};

} // namespace matou::tests
