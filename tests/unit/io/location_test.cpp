#include <gtest/gtest.h>

#include "io/limits.h"
#include "io/location.h"

using namespace matou;
using io::Location;

namespace {
const Location kFile{Location::Kind::file, "/data/district", "tiles/buildings/tileset.json"};
const Location kHttp{Location::Kind::http, "http://host:8080", "/tiles/a/tileset.json?v=1"};

std::string resolved(const Location& base, const std::string& uri) {
    const auto location = io::resolve(base, uri, "T#/root/content/uri");
    if (!location) {
        EXPECT_EQ(location.error().where, "T#/root/content/uri");
        return location.error().code;
    }
    return location->text();
}
} // namespace

TEST(Location, staysInsideTheRoot) {
    EXPECT_EQ(resolved(kFile, "0/1.glb"), "/data/district/tiles/buildings/0/1.glb");
    EXPECT_EQ(resolved(kFile, "../roads/./x%20y.glb?v=3#part"), "/data/district/tiles/roads/x y.glb");
    EXPECT_EQ(resolved(kFile, "../../layers/a.glb"), "/data/district/layers/a.glb");
    EXPECT_EQ(resolved(kFile, "../../../etc/passwd"), "E_URI_OUTSIDE");
    EXPECT_EQ(resolved(kFile, "..%2f..%2f..%2fetc/passwd"), "E_URI_OUTSIDE");
    EXPECT_EQ(resolved(kFile, "%2e%2e/%2e%2e/%2e%2e/etc"), "E_URI_OUTSIDE");
    EXPECT_EQ(resolved(kFile, "/etc/passwd"), "E_URI_OUTSIDE");
    EXPECT_EQ(resolved(kFile, "//host/share"), "E_URI_HOST");
    EXPECT_EQ(resolved(kFile, "..\\..\\x"), "E_URI_SYNTAX");
    EXPECT_EQ(resolved(kFile, "a%00.glb"), "E_URI_SYNTAX");
    EXPECT_EQ(resolved(kFile, "a%zz.glb"), "E_URI_SYNTAX");
    EXPECT_EQ(resolved(kFile, ""), "E_URI_SYNTAX");
    EXPECT_EQ(resolved(kFile, std::string(5000, 'a')), "E_URI_SYNTAX");
    for (const char* uri : {"file:///etc/passwd", "http://host/x", "ftp://h/x", "data:,x", "javascript:x", "FILE:x"}) EXPECT_EQ(resolved(kFile, uri), "E_URI_SCHEME") << uri;
}

TEST(Location, staysOnTheServer) {
    EXPECT_EQ(resolved(kHttp, "b.glb?k=2"), "http://host:8080/tiles/a/b.glb?k=2");
    EXPECT_EQ(resolved(kHttp, "/x/../y.glb"), "http://host:8080/y.glb");
    EXPECT_EQ(resolved(kHttp, "http://HOST:8080/z.glb"), "http://host:8080/z.glb");
    EXPECT_EQ(resolved(kHttp, "//host:8080/z.glb"), "http://host:8080/z.glb");
    EXPECT_EQ(resolved(kHttp, "http://other/z.glb"), "E_URI_HOST");
    EXPECT_EQ(resolved(kHttp, "//169.254.169.254/latest"), "E_URI_HOST");
    EXPECT_EQ(resolved(kHttp, "http://host:8080@evil/z"), "E_URI_SYNTAX");
    EXPECT_EQ(resolved(kHttp, "file:///etc/passwd"), "E_URI_SCHEME");
    EXPECT_EQ(resolved(kHttp, "../../../z"), "E_URI_OUTSIDE");
    EXPECT_EQ(resolved(kHttp, "..%2f..%2f..%2fz"), "E_URI_OUTSIDE");
}

TEST(Location, readsWhatPeopleType) {
    const auto url = io::locationFrom("HTTP://Host/tileset.json#x");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->text(), "http://host/tileset.json");
    EXPECT_EQ(url->extension(), "json");
    EXPECT_EQ(io::locationFrom("ftp://host/x").error().code, "E_URI_SCHEME");
    EXPECT_EQ(io::locationFrom("/no/such/file").error().code, "E_FILE_MISSING");
}

TEST(Limits, areListedWithTheirUnits) {
    io::Limits limits;
    limits.bodyBytes = 12345;
    bool found = false;
    for (const auto& row : io::limitRows(limits)) found = found || (row.name == "http.body_bytes" && row.value == "12345" && row.unit == "bytes");
    EXPECT_TRUE(found);
}
