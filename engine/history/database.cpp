#include "history/database.h"

#include "history/history.h"

namespace matou::history {

bool isServer(const std::string& location) {
    return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

Database::Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

core::Result<Database> Database::open(const std::string& location, bool readOnly) {
    Database database;
    database._where = location.empty() ? "history in memory" : location;
    auto opened =
        isServer(location) ? openPostgres(location, readOnly) : openSqlite(location, database._where, readOnly);
    if (!opened) return tl::unexpected(std::move(opened).error());
    database._backend = std::move(*opened);
    return database;
}

core::Result<std::optional<Database>> Database::openBeside(const std::string& location) {
    if (location.empty() || isServer(location)) return std::nullopt;
    MATOU_TRY(database, open(location, false));
    MATOU_CHECK(database.execute("PRAGMA busy_timeout=0"));
    // A second of values of 8,000 sensors touches as many pages of their index: 32 MiB.
    MATOU_CHECK(database.execute("PRAGMA cache_size=-32768"));
    MATOU_CHECK(database.sync(false));
    return std::optional(std::move(database));
}

const Dialect& Database::dialect() const {
    return _backend->dialect();
}
core::Result<void> Database::execute(const std::string& sql) {
    return _backend->execute(sql);
}
core::Result<Statement> Database::prepare(const std::string& sql) const {
    auto prepared = _backend->prepare(sql);
    if (!prepared) return tl::unexpected(std::move(prepared).error());
    return Statement(std::move(*prepared));
}
bool Database::inTransaction() const {
    return _backend->inTransaction();
}
core::Result<void> Database::sync(bool each) {
    return _backend->sync(each);
}
core::Result<void> Database::makeRoom(std::int64_t time) {
    return _backend->makeRoom(time);
}
void Database::countLog(std::atomic<std::int64_t>& pages) {
    _backend->countLog(pages);
}
core::Result<void> Database::settled() const {
    return _backend->settled();
}
core::Result<std::int64_t> Database::checkpoint() {
    return _backend->checkpoint();
}
void Database::interrupt() const {
    _backend->interrupt();
}
core::Result<std::string> Database::damage(const std::string& table) const {
    return _backend->damage(table);
}

core::Result<void> Statement::run() {
    auto result = step();
    reset();
    if (!result) return tl::unexpected(std::move(result).error());
    return {};
}

} // namespace matou::history
