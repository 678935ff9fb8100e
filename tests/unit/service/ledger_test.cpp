// The project ledger of an office in its four kinds, from the table to what the API says of any date.

#include <cstring>

#include <arpa/inet.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <sqlite3.h>

#include "support/postgres.h"
#include "support/program.h"
#include "unit/service/feed_support.h"
#include "control/project_json.h"
#include "core/json.h"
#include "live/table_source.h"
#include "twin/twin_state.h"
#include "unit/service/stub_server.h"

using namespace matou;
using core::Json;
using tests::OneFeed;
using tests::StubServer;

namespace {

const std::vector<std::string> kNames = {"编号", "name", "department", "phase", "percent", "status", "budget_wan", "spent_wan", "consultation_percent", "signing_percent",
                                         "moving_percent", "milestone", "planned", "actual", "geometry"};
const char* kRing = "POLYGON ((121.5 31.19, 121.501 31.19, 121.501 31.191, 121.5 31.19))";
/// A renewal project with three milestones, and one that the district's files do not know.
const std::vector<std::vector<std::string>> kRows = {
    {"P-01", "旧住房成套改造", "建管办", "施工", "42.5", "at-risk", "12000", "3600.5", "98.2", "87", "12.5", "意愿征询", "2024-03-01", "2024-03-11", kRing},
    {"P-01", "", "", "", "", "", "", "", "", "", "", "签约", "2024-06-01", "2024-05-30", ""},
    {"P-01", "", "", "", "", "", "", "", "", "", "", "搬迁", "2025-01-01", "", ""},
    {"P-new", "口袋公园", "绿容中心", "立项", "0", "on-track", "80", "", "", "", "", "", "", "", ""}};

const char* kColumns = "columns = { id = \"编号\" }\ninterval_s = 0.2\n";
std::string feed(const std::string& url, const std::string& more = "") {
    return "[[feed]]\nid = \"ledger\"\nkind = \"ledger\"\nurl = \"" + url + "\"\n" + kColumns + more;
}

std::string csv(const std::vector<std::vector<std::string>>& rows) {
    std::string text;
    for (std::size_t i = 0; i < kNames.size(); ++i) text += (i ? "," : "") + kNames[i];
    text += "\r\n";
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) text += (i ? ",\"" : "\"") + row[i] + "\"";
        text += "\r\n";
    }
    return text;
}
Json json(const std::vector<std::vector<std::string>>& rows) {
    Json list = Json::array();
    for (const auto& row : rows) {
        Json item = Json::object();
        for (std::size_t i = 0; i < kNames.size(); ++i)
            if (!row[i].empty()) item[kNames[i]] = i == 4 || (i >= 6 && i <= 10) ? Json(std::stod(row[i])) : Json(row[i]);
        list.push_back(item);
    }
    return {{"data", {{"list", list}}}};
}
/// The same in SQL that both databases take; geometries as text.
std::string sql() {
    std::string text = "CREATE TABLE ledger (";
    for (std::size_t i = 0; i < kNames.size(); ++i)
        text += (i ? ", \"" : "\"") + kNames[i] + "\" " + (i == 4 || (i >= 6 && i <= 10) ? "DOUBLE PRECISION" : "TEXT");
    text += ");";
    for (const auto& row : kRows) {
        text += "INSERT INTO ledger VALUES (";
        for (std::size_t i = 0; i < row.size(); ++i) text += (i ? ", " : "") + (row[i].empty() ? std::string("NULL") : "'" + row[i] + "'");
        text += ");";
    }
    return text;
}
void execute(const std::filesystem::path& file, const std::string& text) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
}
/// As a GIS writes it: the polygon as a blob with GeoPackage's header, in a projected system.
std::string geoPackageSql() {
    std::string text = sql();
    text.replace(text.find("\"geometry\" TEXT"), 15, "\"geometry\" BLOB");
    std::string wkb = "0103000000" "01000000" "04000000";
    for (const double value : {121.5, 31.19, 121.501, 31.19, 121.501, 31.191, 121.5, 31.19}) {
        unsigned char bytes[8];
        std::memcpy(bytes, &value, 8);
        char hex[3];
        for (const unsigned char b : bytes) {
            std::snprintf(hex, sizeof hex, "%02x", b);
            wkb += hex;
        }
    }
    const std::string blob = "X'47500001" "e6100000" + wkb + "'";
    const std::string literal = std::string("'") + kRing + "'";
    text.replace(text.find(literal), literal.size(), blob);
    return text + "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT); INSERT INTO gpkg_geometry_columns VALUES ('ledger', 'geometry');";
}

/// What the API says, without when it was heard.
Json projects(const twin::StateSnapshot& snapshot) {
    Json root = Json::parse(control::projectsJson(snapshot));
    Json result = Json::array();
    for (auto& project : root["projects"])
        if (project.contains("milestones")) {
            for (const char* member : {"as_of", "received", "feed"}) project.erase(member);
            for (auto& milestone : project["milestones"]) milestone.erase("slip_days");
            project.erase("slip_days");
            result.push_back(project);
        }
    return result;
}
const Json& withId(const Json& list, const std::string& id) {
    static const Json nothing;
    for (const auto& project : list)
        if (project["id"] == id) return project;
    return nothing;
}
std::size_t others(const twin::StateSnapshot& snapshot) {
    return snapshot.otherProjects ? snapshot.otherProjects->size() : 0;
}
bool both(OneFeed& one) {
    return one.soon([&] { return others(*one.service->snapshot()) == 1 && projects(*one.service->snapshot()).size() >= 2; }, 10000);
}

} // namespace

TEST(Ledger, csvGeoPackagePostgresAndHttpGiveTheSameLedger) {
    support::TemporaryFolder folder("ledger");
    support::writeText(folder.path / "ledger.csv", csv(kRows));
    execute(folder.path / "ledger.gpkg", geoPackageSql());
    StubServer server([&](const auto&, auto& response) { response.set_content(json(kRows).dump(), "application/json"); });
    std::vector<std::pair<std::string, std::string>> kinds = {
        {"csv", feed((folder.path / "ledger.csv").string())},
        {"gpkg", feed((folder.path / "ledger.gpkg").string())},
        {"http", feed(server.url("/ledger"), "table = \"/data/list\"\n")}};
    std::unique_ptr<support::Postgres> postgres;
    if (!support::Postgres::programs().empty()) {
        postgres = std::make_unique<support::Postgres>(folder.path / "pg");
        ASSERT_TRUE(postgres->made) << postgres->log();
        support::writeText(folder.path / "ledger.sql", sql());
        support::Program psql(support::Postgres::programs() / "psql", {"-q", "-v", "ON_ERROR_STOP=1", "-f", (folder.path / "ledger.sql").string(), postgres->url()}, folder.path / "psql.log");
        ASSERT_EQ(psql.end(), 0) << psql.output();
        kinds.emplace_back("postgresql", feed(postgres->url(), "table = \"public.ledger\"\n"));
    }
    Json first;
    for (const auto& [kind, toml] : kinds) {
        OneFeed one(toml);
        ASSERT_TRUE(one.start()) << kind;
        ASSERT_TRUE(both(one)) << kind << ": " << one.feed().lastError;
        EXPECT_EQ(one.feed().invalid, 0u) << kind << ": " << one.feed().lastError;
        EXPECT_EQ(one.feed().unclassified, 1u) << kind; // P-new
        const Json now = projects(*one.service->snapshot());
        std::printf("%s: %zu projects, %zu milestones of P-01\n", kind.c_str(), now.size(), withId(now, "P-01")["milestones"].size());
        if (first.is_null()) first = now;
        EXPECT_EQ(now, first) << kind;
    }
    const Json& renewal = withId(first, "P-01");
    EXPECT_EQ(renewal["name"]["zh"], "旧住房成套改造");
    EXPECT_EQ(renewal["budget_wan"], 12000.0);
    EXPECT_EQ(renewal["spent_wan"], 3600.5);
    EXPECT_EQ(renewal["renewal"], (Json{{"consultation_percent", 98.2}, {"signing_percent", 87.0}, {"moving_percent", 12.5}}));
    ASSERT_EQ(renewal["milestones"].size(), 3u);
    EXPECT_EQ(renewal["milestones"][1], (Json{{"name", "签约"}, {"planned", "2024-06-01"}, {"actual", "2024-05-30"}}));
    EXPECT_TRUE(renewal["milestones"][2]["actual"].is_null());
    EXPECT_EQ(renewal["outline"].size(), 3u);
    EXPECT_EQ(withId(first, "P-new")["registered"], false);
    // How a day stands by what is known now.
    OneFeed one(kinds[0].second);
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(both(one));
    const Json then = Json::parse(control::projectsJson(*one.service->snapshot(), core::parseInstant("2024-03-16T00:00:00+08:00").value()))["projects"];
    const Json& past = withId(then, "P-01");
    EXPECT_EQ(past["milestones"][0]["actual"], "2024-03-11");
    EXPECT_TRUE(past["milestones"][1]["actual"].is_null()); // reached in May
    EXPECT_EQ(past["slip_days"], 10);
    EXPECT_FALSE(past.contains("percent")); // nobody said of that day how much was done
    EXPECT_EQ(withId(Json::parse(control::projectsJson(*one.service->snapshot()))["projects"], "P-01")["percent"], 42.5);
}

TEST(Ledger, badRowsAreLocatedCountedOnceAndTheRestStands) {
    auto rows = kRows;
    rows[0][4] = "viel";        // line 2: percent
    rows[1][12] = "2024-13-01"; // line 3: planned
    rows[2][6] = "99";          // line 4: another budget
    rows[3][0] = "";            // line 5: no id
    std::string text = csv(rows) + "\"P-new\",\"口袋公园\"\r\n" + csv({kRows[3]}).substr(csv({}).size());
    support::TemporaryFolder folder("ledger");
    const auto file = folder.path / "ledger.csv";
    support::writeText(file, text);
    testing::internal::CaptureStderr();
    OneFeed one(feed(file.string()));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(both(one)) << one.feed().lastError;
    std::this_thread::sleep_for(std::chrono::milliseconds(600)); // read again and again
    EXPECT_EQ(one.feed().invalid, 5u);
    one.service->stop();
    const std::string log = testing::internal::GetCapturedStderr();
    const auto place = [&](int line, const std::string& column) {
        const auto& row = rows[static_cast<std::size_t>(line - 2)];
        std::size_t at = 1;
        for (std::size_t i = 0; kNames[i] != column; ++i) {
            std::size_t letters = 0;
            for (const char c : row[i]) letters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
            at += letters + 3;
        }
        return file.string() + ":" + std::to_string(line) + ":" + std::to_string(at) + ": E_LEDGER_CELL";
    };
    for (const auto& where : {place(2, "percent"), place(3, "planned"), place(4, "budget_wan"), place(5, "编号"), file.string() + ":6:9: E_CSV_COLUMNS"})
        EXPECT_NE(log.find(where), std::string::npos) << where << "\n" << log;
    const Json now = projects(*one.service->snapshot());
    EXPECT_EQ(withId(now, "P-01")["milestones"].size(), 3u);
    EXPECT_EQ(withId(now, "P-01")["budget_wan"], 12000.0);
    EXPECT_EQ(withId(now, "P-01")["milestones"][1]["actual"], "2024-05-30");
}

TEST(Ledger, daysAreThoseOfThisPlaceAndWhatStandsBehindThemIsNoDay) {
    auto rows = kRows;
    rows[0][12] = "2025-02-28T16:00:00Z", rows[0][13] = "2025年3月1日"; // midnight here as databases export it
    rows[1][12] = "2025-03-01 18:30:00", rows[1][13] = "2025-03-015";   // line 3
    rows[2][12] = "2025-03-01 to 2025-04-01";                           // line 4
    support::TemporaryFolder folder("ledger");
    const auto file = folder.path / "ledger.csv";
    support::writeText(file, csv(rows));
    OneFeed one(feed(file.string()));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(both(one)) << one.feed().lastError;
    EXPECT_EQ(one.feed().invalid, 2u) << one.feed().lastError;
    const Json milestones = withId(projects(*one.service->snapshot()), "P-01")["milestones"];
    EXPECT_EQ(milestones[0]["planned"], "2025-03-01");
    EXPECT_EQ(milestones[0]["actual"], "2025-03-01");
    EXPECT_EQ(milestones[1]["planned"], "2025-03-01");
    EXPECT_TRUE(milestones[1].value("actual", Json()).is_null());
}

TEST(Ledger, whatWasKnownOnADateIsAnsweredAlsoAfterARestart) {
    support::TemporaryFolder folder("ledger");
    const auto file = folder.path / "ledger.csv";
    support::writeText(file, csv(kRows));
    OneFeed one(feed(file.string()));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(both(one));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const auto before = core::RealClock().now();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    auto rows = kRows;
    rows[0][4] = "60";
    rows[2][13] = "2025-02-11";
    support::writeText(file, csv(rows));
    const auto percent = [](const twin::StateSnapshot& snapshot) { return withId(projects(snapshot), "P-01")["percent"]; };
    ASSERT_TRUE(one.soon([&] { return percent(*one.service->snapshot()) == 60.0; }));
    one.service->stop();
    one.service.reset();
    std::filesystem::remove(file); // the office's server is away
    ASSERT_TRUE(one.start());
    EXPECT_EQ(percent(*one.service->snapshot()), 60.0); // at once, from the history
    EXPECT_EQ(others(*one.service->snapshot()), 1u);
    const auto past = one.service->past(before);
    ASSERT_TRUE(past);
    EXPECT_EQ(percent(*past), 42.5);
    EXPECT_TRUE(withId(projects(*past), "P-01")["milestones"][2]["actual"].is_null());
    EXPECT_EQ(withId(projects(*one.service->snapshot()), "P-01")["milestones"][2]["actual"], "2025-02-11");
    const auto long_ago = one.service->past(before - std::chrono::hours(24));
    ASSERT_TRUE(long_ago);
    EXPECT_TRUE(others(*long_ago) == 0);
    // Read again without a change: no new word in the history.
    const auto words = [&] {
        sqlite3* database = nullptr;
        sqlite3_stmt* query = nullptr;
        int count = -1;
        if (sqlite3_open_v2((one.path / "h.db").c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
            sqlite3_prepare_v2(database, "SELECT count(*) FROM projects", -1, &query, nullptr) == SQLITE_OK && sqlite3_step(query) == SQLITE_ROW)
            count = sqlite3_column_int(query, 0);
        sqlite3_finalize(query);
        sqlite3_close(database);
        return count;
    };
    EXPECT_EQ(words(), 3); // two projects, one of them changed
    support::writeText(file, csv(rows));
    ASSERT_TRUE(one.soon([&] { return one.feed().applied == 2; })) << one.feed().applied;
    one.service->stop();
    EXPECT_EQ(words(), 3);
}

TEST(Ledger, geoJsonIsReadByItsFeatures) {
    support::TemporaryFolder folder("ledger");
    Json features = Json::array();
    const Json rows = json(kRows);
    for (const auto& row : rows["data"]["list"]) {
        Json feature = {{"type", "Feature"}, {"properties", row}};
        if (feature["properties"].contains("geometry")) {
            feature["properties"].erase("geometry");
            feature["geometry"] = Json::parse(R"({"type":"Polygon","coordinates":[[[121.5,31.19],[121.501,31.19],[121.501,31.191],[121.5,31.19]]]})");
        }
        features.push_back(feature);
    }
    support::writeText(folder.path / "ledger.geojson", Json{{"type", "FeatureCollection"}, {"features", features}}.dump());
    OneFeed one(feed((folder.path / "ledger.geojson").string()));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(both(one)) << one.feed().lastError;
    EXPECT_EQ(one.feed().invalid, 0u) << one.feed().lastError;
    EXPECT_EQ(withId(projects(*one.service->snapshot()), "P-01")["outline"].size(), 3u);
}

TEST(Ledger, aDateThatIsYearsAheadIsNotTheLastWordUntilThen) {
    support::TemporaryFolder folder("ledger");
    const auto file = folder.path / "ledger.csv";
    support::writeText(file, "编号,name,percent,as_of\nP-new,甲,10,2062-01-01\n");
    OneFeed one(feed(file.string()));
    ASSERT_TRUE(one.start());
    const auto percent = [&] { 
        const Json now = projects(*one.service->snapshot());
        return now.empty() || withId(now, "P-new").is_null() ? -1.0 : withId(now, "P-new")["percent"].get<double>();
    };
    ASSERT_TRUE(one.soon([&] { return percent() == 10; })) << one.feed().lastError;
    std::this_thread::sleep_for(twin::kFutureTolerance + std::chrono::milliseconds(100));
    support::writeText(file, "编号,name,percent\nP-new,甲,20\n");
    EXPECT_TRUE(one.soon([&] { return percent() == 20; })) << percent();
}

TEST(Ledger, whatNeverEndsOrIsTooLargeIsGivenUp) {
    support::TemporaryFolder folder("ledger");
    std::atomic<bool> stopping{false};
    execute(folder.path / "endless.gpkg", "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n WHERE i < 0;");
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        stopping = true;
    });
    const auto endless = live::tableOfGeoPackage((folder.path / "endless.gpkg").string(), "endless", stopping);
    later.join();
    ASSERT_FALSE(endless);
    EXPECT_EQ(endless.error().code, "E_TABLE_TIME");
    stopping = false;
    execute(folder.path / "large.gpkg", "CREATE VIEW large AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) SELECT i AS id, hex(zeroblob(300000)) AS note FROM n;");
    const auto large = live::tableOfGeoPackage((folder.path / "large.gpkg").string(), "large", stopping);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, "E_TABLE_LIMIT");
    support::writeText(folder.path / "no.gpkg", std::string(4096, 'x'));
    EXPECT_FALSE(live::tableOfGeoPackage((folder.path / "no.gpkg").string(), "", stopping));
    std::string cells = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z\n";
    const std::string line = std::string(25, ',') + "\n";
    for (int i = 0; i < 90000; ++i) cells += line;
    const auto many = live::tableOfCsv(cells, "many.csv", ',');
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().code, "E_CSV_LIMIT");
}

TEST(Ledger, aFrozenDatabaseHoldsUpNeitherTheServiceNorItsEnd) {
    const int silent = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(silent, 4), 0); // takes connections and never says a word
    ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
    OneFeed one(feed("postgresql://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/office", "table = \"t\"\n"));
    ASSERT_TRUE(one.start());
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_FALSE(one.feed().connected);
    const auto begun = std::chrono::steady_clock::now();
    one.service->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(3));
    ::close(silent);
}

TEST(Ledger, slipCountsDaysOfReachedAndOverdueMilestones) {
    const auto day = [](const char* text) { return *core::parseInstant(std::string(text) + "T00:00:00+08:00"); };
    const twin::Milestone reached{"签约", day("2024-06-01"), day("2024-05-30"), {}, "", ""}, open{"搬迁", day("2025-01-01"), std::nullopt, {}, "", ""};
    EXPECT_EQ(twin::slipDays(reached, day("2025-01-01")), -2);
    EXPECT_EQ(twin::slipDays(reached, day("2024-05-01")), std::nullopt); // not yet, and not overdue
    EXPECT_EQ(twin::slipDays(open, day("2025-01-01") + std::chrono::hours(12)), std::nullopt); // its day is not over
    EXPECT_EQ(twin::slipDays(open, day("2025-01-11")), 10);
    twin::ProjectStatus status;
    EXPECT_EQ(twin::slipDays(status, day("2025-01-11")), std::nullopt);
    status.milestones = {reached, open};
    EXPECT_EQ(twin::slipDays(status, day("2024-12-01")), -2);
    EXPECT_EQ(twin::slipDays(status, day("2025-01-11")), 10);
}

TEST(Ledger, aSettingThatIsWrongKeepsItFromStarting) {
    const auto wrong = [](const std::string& toml) {
        OneFeed one("[[feed]]\nid = \"ledger\"\nkind = \"ledger\"\n" + toml);
        const auto started = one.start();
        return started ? std::string() : started.error().code + " " + started.error().arguments.at(1);
    };
    EXPECT_EQ(wrong(""), "E_FEED_SETTING url");
    EXPECT_EQ(wrong("url = \"postgresql://a/b\"\n"), "E_FEED_SETTING table");
    EXPECT_EQ(wrong("url = \"postgresql://u:geheim@a/b\"\ntable = \"t\"\n"), "E_FEED_SETTING url");
    EXPECT_EQ(wrong("url = \"x.csv\"\ncolumns = { budget = \"x\" }\n"), "E_FEED_SETTING columns.budget");
    OneFeed missing("[[feed]]\nid = \"ledger\"\nkind = \"ledger\"\nurl = \"none.csv\"\n");
    ASSERT_TRUE(missing.start());
    EXPECT_TRUE(missing.soon([&] { return missing.feed().lastError.find("none.csv") != std::string::npos; })) << missing.feed().lastError;
}
