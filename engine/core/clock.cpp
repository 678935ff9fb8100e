#include "core/clock.h"

#include <atomic>
#include <cstdio>

namespace matou::core {

Instant RealClock::now() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Instant ManualClock::now() const {
    return Instant(Duration(std::atomic_ref(const_cast<std::int64_t&>(_milliseconds)).load()));
}
void ManualClock::set(Instant instant) { std::atomic_ref(_milliseconds).store(instant.time_since_epoch().count()); }
void ManualClock::advance(Duration step) { std::atomic_ref(_milliseconds).fetch_add(step.count()); }

namespace {

bool digits(std::string_view text, std::size_t at, std::size_t count, int& value) {
    if (at + count > text.size()) return false;
    value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
    }
    return true;
}

} // namespace

Result<Instant> parseInstant(std::string_view text) {
    using namespace std::chrono;
    const auto refuse = [&] { return fail("E_TIME_SYNTAX", std::string(text.substr(0, 64))); };
    int y, mo, d, h, mi, s;
    if (!digits(text, 0, 4, y) || !digits(text, 5, 2, mo) || !digits(text, 8, 2, d) || !digits(text, 11, 2, h) ||
        !digits(text, 14, 2, mi) || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
        (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
        return refuse();
    std::size_t at = 16;
    s = 0;
    int ms = 0;
    if (at < text.size() && text[at] == ':') {
        if (!digits(text, 17, 2, s)) return refuse();
        at = 19;
        if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
            int scale = 100;
            const std::size_t first = ++at;
            for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) ms += (text[at] - '0') * scale;
            if (at == first) return refuse();
        }
    }
    int offsetMinutes = 0;
    const std::size_t zoneAt = at;
    if (at == text.size() - 1 && (text[at] == 'Z' || text[at] == 'z')) {
        ++at;
    } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-')) {
        int oh, om;
        if (!digits(text, at + 1, 2, oh) || text[at + 3] != ':' || !digits(text, at + 4, 2, om) || oh > 23 || om > 59) return refuse();
        offsetMinutes = (oh * 60 + om) * (text[at] == '-' ? -1 : 1);
        at += 6;
    }
    const year_month_day date{year{y}, month{unsigned(mo)}, day{unsigned(d)}};
    if (at != text.size() || at == zoneAt || y < 1970 || !date.ok() || h > 23 || mi > 59 || s > 60) return refuse();
    return Instant(sys_days(date).time_since_epoch() + hours(h) + minutes(mi - offsetMinutes) + seconds(s) + milliseconds(ms));
}

namespace {

std::string format(Instant instant, const char* pattern) {
    using namespace std::chrono;
    const auto day = floor<days>(instant);
    const year_month_day date{day};
    const hh_mm_ss time{instant - day};
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, pattern, int(date.year()), unsigned(date.month()), unsigned(date.day()),
                  int(time.hours().count()), int(time.minutes().count()), int(time.seconds().count()),
                  int(time.subseconds().count()));
    return buffer;
}

} // namespace

std::string formatInstant(Instant instant) { return format(instant, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ"); }
std::string formatBeijing(Instant instant) { return format(instant + std::chrono::hours(8), "%04d-%02u-%02u %02d:%02d:%02d"); }

} // namespace matou::core
