// From what sources send to canonical messages.

#include <gtest/gtest.h>

#include <functional>
#include <tuple>

#include "core/messages.h"
#include "live/charset.h"
#include "live/csv.h"
#include "live/decode.h"
#include "live/mapping.h"
#include "live/units.h"

using namespace matou;
using namespace matou::live;
using core::Json;

namespace {

const core::Instant kNow = *core::parseInstant("2026-01-01T00:00:10Z");

std::shared_ptr<const twin::Registry> registry() {
    auto made = std::make_shared<twin::Registry>();
    twin::Sensor sensor;
    sensor.id = "S-001";
    sensor.unit = "m";
    made->sensors.push_back(sensor);
    made->index();
    return made;
}

Mapped mappedBy(const twin::FeedMapping& config, const std::string& payload) {
    const auto mapping = Mapping::create(config, "tiny", registry());
    EXPECT_TRUE(mapping) << (mapping ? "" : core::describe(mapping.error(), core::Language::en));
    Mapped out;
    if (mapping) mapping->apply(Json::parse(payload), "http://source/x", kNow, out);
    for (const auto& message : out.messages) EXPECT_TRUE(decode(message, "tiny", "f")) << message.topic << " " << message.payload;
    return out;
}

twin::FeedMapping values() {
    twin::FeedMapping config;
    config.where = "district.toml:1:1";
    config.items = "/data/list";
    config.fields = {{"id", "/code"}, {"ts", "/time"}, {"value", "/v"}, {"unit", "/u"}};
    config.ids = {{"A-17", "S-001"}};
    return config;
}
twin::FeedMapping events() {
    twin::FeedMapping config;
    config.where = "district.toml:9:1";
    config.kind = "event";
    config.fields = {{"source", "/dev"}, {"ts", "/at"}, {"class", "/type"}, {"severity", "/level"}, {"text", "/words"}, {"lon", "/x"}, {"lat", "/y"}};
    config.classes = {{"12", "intrusion"}};
    config.severities = {{"红", 1}, {"蓝", 4}};
    return config;
}

} // namespace

TEST(Mapping, findsItemsByPointerTranslatesIdsAndConvertsUnits) {
    const auto out = mappedBy(values(), R"({"data":{"list":[{"code":"A-17","time":"2026-01-01 08:00:00","v":"325","u":"cm"},{"code":"other","time":1767225600,"v":1.5,"u":"?"}]}})");
    ASSERT_EQ(out.messages.size(), 2u);
    EXPECT_EQ(out.messages[0].topic, "matou/v1/tiny/obs/S-001");
    const auto first = std::get<twin::Observation>(*decode(out.messages[0], "tiny", "f"));
    EXPECT_DOUBLE_EQ(first.value, 3.25);
    EXPECT_EQ(first.unit, "m");
    EXPECT_EQ(core::formatInstant(first.eventTime), "2026-01-01T00:00:00.000Z"); // Beijing time where none is said
    const auto second = std::get<twin::Observation>(*decode(out.messages[1], "tiny", "f"));
    EXPECT_EQ(second.unit, "?"); // nobody here knows the sensor, so nothing is converted
    EXPECT_EQ(second.eventTime, first.eventTime);
}

TEST(Mapping, whatCannotBeConvertedOrReadIsRefusedWithItsPlaceAndTheRestGoesOn) {
    const auto out = mappedBy(values(), R"({"data":{"list":[{"code":"A-17","time":"2026-01-01T00:00:00Z","v":3,"u":"Cel"},{"code":"A-17","time":"soon","v":3},7,
        {"time":"2026-01-01T00:00:00Z","v":1},{"code":"A-17","time":"2026-01-01T00:00:00Z","v":{}},{"code":"A-17","time":"2026-01-01T00:00:01Z","v":2,"u":"m"}]}})");
    EXPECT_EQ(out.messages.size(), 1u);
    ASSERT_EQ(out.refusedCount, 5u);
    EXPECT_EQ(out.refused[0].code, "E_MAPPING_UNIT");
    EXPECT_EQ(out.refused[0].where, "http://source/x#/data/list/0");
    EXPECT_EQ(out.refused[1].code, "E_MAPPING_TIME");
    EXPECT_EQ(out.refused[2].code, "E_MAPPING_ITEM");
    const auto none = mappedBy(values(), R"({"data":[]})");
    ASSERT_EQ(none.refusedCount, 1u);
    EXPECT_EQ(none.refused[0].code, "E_MAPPING_ITEMS");
}

TEST(Mapping, codesThatNoTableKnowsAreShownAsUnclassifiedWithTheirCode) {
    const auto out = mappedBy(events(), R"([{"dev":"C-1","at":"2026-01-01T00:00:00Z","type":12,"level":"红"},{"dev":"C-1","at":"2026-01-01T00:00:00Z","type":"fire","level":"紫"}])");
    ASSERT_EQ(out.messages.size(), 2u);
    EXPECT_EQ(out.unclassified, 1u);
    const auto known = std::get<twin::Event>(*decode(out.messages[0], "tiny", "f"));
    const auto unknown = std::get<twin::Event>(*decode(out.messages[1], "tiny", "f"));
    EXPECT_EQ(known.eventClass, "intrusion");
    EXPECT_EQ(known.severity, 1);
    EXPECT_EQ(unknown.eventClass, "code:fire"); // the word of a source is no class of ours by chance
    EXPECT_EQ(unknown.severity, 3);
    EXPECT_NE(known.id, unknown.id);
    EXPECT_EQ(known.id, std::get<twin::Event>(*decode(mappedBy(events(), R"({"dev":"C-1","at":"2026-01-01T00:00:00Z","type":12,"level":"红"})").messages.at(0), "tiny", "f")).id);
}

TEST(Mapping, rulesReadSeveralMembersAndContainedWords) {
    auto config = events();
    config.rules = {{{{"/type", "5"}, {"/words", "~烟雾|冒烟"}}, "smoke", 2}};
    const auto out = mappedBy(config, R"([{"dev":"C-1","at":"2026-01-01T00:00:00Z","type":5,"words":"疑似冒烟"},{"dev":"C-1","at":"2026-01-01T00:00:00Z","type":5,"words":"越界"}])");
    EXPECT_EQ(std::get<twin::Event>(*decode(out.messages.at(0), "tiny", "f")).eventClass, "smoke");
    EXPECT_EQ(std::get<twin::Event>(*decode(out.messages.at(1), "tiny", "f")).eventClass, "code:5");
}

TEST(Mapping, placesComeFromAnyCrs) {
    const auto placed = [](const char* crs, const std::string& x, const std::string& y) {
        auto config = events();
        config.crs = crs;
        const auto out = mappedBy(config, R"({"dev":"C-1","at":"2026-01-01T00:00:00Z","type":12,"x":)" + x + R"(,"y":)" + y + "}");
        return std::get<twin::Event>(*decode(out.messages.at(0), "tiny", "f")).place;
    };
    for (const auto& [crs, x, y] : {std::tuple("EPSG:4549", "643641.975", "3453350.969"), std::tuple("EPSG:4528", "40643641.975", "3453350.969"),
                                    std::tuple("EPSG:32651", "357749.52", "3451951.54"), std::tuple("wgs84", "121.507", "31.193")}) {
        const auto place = placed(crs, x, y);
        ASSERT_TRUE(place) << crs;
        EXPECT_NEAR(place->longitude, 121.507, 2e-7) << crs;
        EXPECT_NEAR(place->latitude, 31.193, 2e-7) << crs;
    }
    // GCJ-02 lies some 420 m east and 229 m south of the truth here, BD-09 1,045 m east and 405 m north.
    const std::optional<twin::Place> gcj = placed("gcj02", "121.507", "31.193");
    const std::optional<twin::Place> bd = placed("bd09", "121.507", "31.193");
    ASSERT_TRUE(gcj && bd);
    EXPECT_NEAR((121.507 - gcj->longitude) * 95300, 419, 8);
    EXPECT_NEAR((31.193 - gcj->latitude) * 110900, -228, 6);
    EXPECT_NEAR((121.507 - bd->longitude) * 95300, 1045, 12);
    EXPECT_NEAR((31.193 - bd->latitude) * 110900, 405, 8);
    EXPECT_FALSE(placed("wgs84", "0", "0"));
    EXPECT_FALSE(placed("wgs84", "999", "31"));
}

TEST(Mapping, aWrongConfigurationSaysWhereItStands) {
    for (const auto& [change, member] : std::vector<std::pair<std::function<void(twin::FeedMapping&)>, std::string>>{
             {[](auto& c) { c.fields.erase("ts"); }, "ts"}, {[](auto& c) { c.fields["colour"] = "/c"; }, "colour"}, {[](auto& c) { c.fields["id"] = "/a~x"; }, "id"},
             {[](auto& c) { c.items = "data"; }, "items"}, {[](auto& c) { c.units = {{"个", "pieces"}}; }, "units.个"}, {[](auto& c) { c.kind = "cat"; }, "kind"},
             {[](auto& c) { c.fields["id"] = "{/a"; }, "id"}}) {
        auto config = values();
        change(config);
        const auto made = Mapping::create(config, "tiny", registry());
        ASSERT_FALSE(made) << member;
        EXPECT_EQ(made.error().code, "E_MAPPING_FIELD");
        EXPECT_EQ(made.error().where, "district.toml:1:1");
        EXPECT_EQ(made.error().arguments[0], member);
    }
    auto config = values();
    config.crs = "EPSG:0";
    EXPECT_EQ(Mapping::create(config, "tiny", registry()).error().code, "E_CRS_UNKNOWN");
}

TEST(Mapping, timesOfManyKindsAreOneInstant) {
    for (const char* text : {"\"2026-01-01T08:00:00+08:00\"", "\"2026-01-01 08:00:00\"", "\"2026/01/01 08:00:00\"", "\"2026-1-1 8:00:00\"", "\"20260101080000\"", "\"2026-01-01T08:00:00.000\"", "1767225600", "1767225600000", "\"1767225600\""}) {
        const auto time = sourceTime(Json::parse(text), 480, "x");
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(core::formatInstant(*time), "2026-01-01T00:00:00.000Z") << text;
    }
    for (const char* text : {"\"\"", "\"yesterday\"", "\"2026-13-01 08:00:00\"", "-5", "1e300", "null", "[]", "\"99999999999999\""}) EXPECT_FALSE(sourceTime(Json::parse(text), 480, "x")) << text;
}

TEST(Units, convertWithinADimensionOnly) {
    EXPECT_NEAR(*convertUnit(25, "℃", "K"), 298.15, 1e-9);
    EXPECT_NEAR(*convertUnit(212, "[degF]", "Cel"), 100, 1e-9);
    EXPECT_NEAR(*convertUnit(1, "bar", "kPa"), 100, 1e-9);
    EXPECT_NEAR(*convertUnit(0.05, "mg/m³", "ug/m3"), 50, 1e-9);
    EXPECT_NEAR(*convertUnit(36, "km/h", "m/s"), 10, 1e-9);
    EXPECT_FALSE(convertUnit(1, "m", "kPa"));
    EXPECT_FALSE(convertUnit(1, "cubits", "m"));
    EXPECT_EQ(*convertUnit(1, "cubits", "cubits"), 1);
}

TEST(Csv, quotesLinesAndColumns) {
    const auto rows = parseCsv("\xEF\xBB\xBFid,名称,v\r\n1,\"a,\"\"b\"\"\nc\",2\n\n2,,\n", "f.csv");
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 2u);
    EXPECT_EQ((*rows)[0]["名称"], "a,\"b\"\nc");
    EXPECT_EQ((*rows)[1]["v"], "");
    EXPECT_EQ(parseCsv("a,b\n1\n", "f.csv").error().where, "f.csv:line 2");
    EXPECT_EQ(parseCsv("a,b\n\"1,2\n", "f.csv").error().code, "E_CSV_QUOTE");
    EXPECT_EQ(parseCsv("a\n\"1\"x\n", "f.csv").error().code, "E_CSV_QUOTE");
}

TEST(Charset, liesAreSeenThroughAndRestIsMarked) {
    EXPECT_EQ(toUtf8("\xC4\xCF\xC2\xEB\xCD\xB7", "GB2312").utf8, "南码头");
    EXPECT_EQ(toUtf8("\xC4\xCF\xC2\xEB\xCD\xB7", "UTF-8").utf8, "南码头"); // says UTF-8, is not
    EXPECT_EQ(toUtf8("南码头", "GB2312").utf8, "南码头");                  // says GB2312, is UTF-8
    const auto cut = toUtf8("\xC4\xCF\xC2", "GBK");
    EXPECT_EQ(cut.utf8, "南\xEF\xBF\xBD");
    EXPECT_TRUE(cut.marked);
    EXPECT_TRUE(isUtf8(toUtf8(std::string("\xFF\xFE\x80\x00z", 5), "no-such-charset").utf8));
    EXPECT_FALSE(isUtf8("\xC0\xAF"));
    EXPECT_FALSE(isUtf8("\xED\xA0\x80"));
}
