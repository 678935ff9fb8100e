// `matou doctor`: what this machine has, what is missing, what to do about it. Looks at everything itself and keeps going.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <CLI/CLI.hpp>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "apps/common/command_line.h"
#include "apps/matou/commands.h"
#include "district/district.h"
#include "gpu/device.h"
#include "platform/paths.h"
#include "text/font.h"

namespace matou::apps {
namespace {

using core::Language;

class Report {
public:
    explicit Report(Language language) : _language(language) {}

    std::string say(std::string_view key, std::initializer_list<std::string> arguments = {}) const {
        return core::text(_language, key, arguments);
    }
    void good(std::string_view nameKey, const std::string& value) { line("+", nameKey, value); }
    /// Something works less well without it.
    void lacking(std::string_view nameKey, const std::string& remedy) { line("-", nameKey, remedy); }
    /// Nothing can be drawn without it.
    void missing(std::string_view nameKey, const std::string& remedy) {
        line("!", nameKey, remedy);
        ++_missing;
    }
    void detail(const std::string& value) { std::printf("    %s\n", value.c_str()); }
    void error(std::string_view nameKey, const core::Error& error) { missing(nameKey, core::describe(error, _language)); }
    int missingCount() const { return _missing; }
    Language language() const { return _language; }

private:
    void line(const char* mark, std::string_view nameKey, const std::string& value) {
        std::printf("%s %s: %s\n", mark, say(nameKey).c_str(), value.c_str());
    }
    Language _language;
    int _missing = 0;
};

std::string systemName() {
    std::string pretty = "Linux";
    std::ifstream release("/etc/os-release");
    for (std::string line; std::getline(release, line);)
        if (line.starts_with("PRETTY_NAME=")) {
            pretty = line.substr(12);
            std::erase(pretty, '"');
        }
    utsname names{};
    if (uname(&names) == 0) pretty += std::string(", Linux ") + names.release + ", " + names.machine;
    return pretty;
}

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

std::string milliseconds(std::chrono::steady_clock::duration time) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.1f ms", std::chrono::duration<double, std::milli>(time).count());
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string result;
    for (const auto& word : words) result += (result.empty() ? "" : ", ") + word;
    return result;
}

/// The program's path as the shell would find it, or empty.
std::string findProgram(const std::string& name) {
    const char* path = std::getenv("PATH");
    std::string folders = path ? path : "";
    for (std::size_t start = 0; start <= folders.size();) {
        std::size_t end = std::min(folders.find(':', start), folders.size());
        const std::string candidate = folders.substr(start, end - start) + "/" + name;
        if (end > start && access(candidate.c_str(), X_OK) == 0) return candidate;
        start = end + 1;
    }
    return access(("/usr/sbin/" + name).c_str(), X_OK) == 0 ? "/usr/sbin/" + name : "";
}

void machine(Report& report) {
    const auto pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    report.good("UI_DOCTOR_SYSTEM", systemName());
    report.good("UI_DOCTOR_MACHINE", report.say("UI_DOCTOR_CORES", {std::to_string(std::thread::hardware_concurrency()), mebibytes(pages)}));
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        const std::string value = std::to_string(files.rlim_cur);
        if (files.rlim_cur < 1024) report.lacking("UI_DOCTOR_FILES", report.say("UI_DOCTOR_FILES_FEW", {value}));
        else report.good("UI_DOCTOR_FILES", value);
    }
}

/// Creates a bare device: what every program that draws does first.
void bareDevice(Report& report) {
    const auto start = std::chrono::steady_clock::now();
    auto device = gpu::Device::create({});
    const auto took = std::chrono::steady_clock::now() - start;
    if (!device) return report.error("UI_DOCTOR_DEVICE", device.error());
    report.good("UI_DOCTOR_DEVICE", report.say("UI_DOCTOR_DEVICE_TIME", {(*device)->description().name, milliseconds(took)}));
    device->reset();
    gpu::DeviceOptions checked;
    checked.validation = true;
    if (auto validated = gpu::Device::create(checked); !validated)
        report.lacking("UI_DOCTOR_VALIDATION", core::describe(validated.error(), report.language()));
    else report.good("UI_DOCTOR_VALIDATION", report.say("UI_DOCTOR_THERE"));
}

void graphics(Report& report) {
    auto devices = gpu::listDevices();
    if (!devices) return report.error("UI_DOCTOR_VULKAN", devices.error());
    if (devices->empty()) return report.missing("UI_DOCTOR_VULKAN", report.say("UI_DOCTOR_NO_DEVICE"));
    bool usable = false;
    for (const auto& device : *devices) {
        usable |= device.missing.empty();
        const std::string line = std::to_string(device.number) + " " + device.name + " (" + device.kind + "), Vulkan " +
                                 device.apiVersion + ", " + device.driver + ", " + mebibytes(device.memoryBytes);
        if (device.missing.empty()) report.good("UI_DOCTOR_GPU", line);
        else report.lacking("UI_DOCTOR_GPU", line);
        if (!device.missing.empty()) report.detail(report.say("UI_DOCTOR_GPU_LACKS", {joined(device.missing)}));
        if (!device.optional.empty()) report.detail(report.say("UI_DOCTOR_GPU_OPTIONAL", {joined(device.optional)}));
        for (const auto& [name, value] : device.limits) report.detail(name + " = " + std::to_string(value));
        if (device.software) report.detail(report.say("UI_DOCTOR_SOFTWARE"));
    }
    if (!usable) return report.missing("UI_DOCTOR_VULKAN", report.say("UI_DOCTOR_NO_USABLE"));
    bareDevice(report);
}

void surroundings(Report& report) {
    if (auto fonts = text::findCjkFonts(); !fonts) report.error("UI_DOCTOR_FONT", fonts.error());
    else report.good("UI_DOCTOR_FONT", fonts->regular.path.string());

    const char* x11 = std::getenv("DISPLAY");
    const char* wayland = std::getenv("WAYLAND_DISPLAY");
    if (wayland && *wayland) report.good("UI_DOCTOR_DISPLAY", std::string("Wayland ") + wayland);
    else if (x11 && *x11) report.good("UI_DOCTOR_DISPLAY", std::string("X11 ") + x11);
    else report.lacking("UI_DOCTOR_DISPLAY", report.say("UI_DOCTOR_NO_DISPLAY"));

    for (const auto& [name, key] : {std::pair{"ffmpeg", "UI_DOCTOR_NO_FFMPEG"}, {"mosquitto", "UI_DOCTOR_NO_MOSQUITTO"}}) {
        const std::string path = findProgram(name);
        std::printf("%s %s: %s\n", path.empty() ? "-" : "+", name, path.empty() ? report.say(key).c_str() : path.c_str());
    }
    std::error_code ignored;
    const auto importer = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "matou-import";
    if (access(importer.c_str(), X_OK) == 0) report.good("UI_DOCTOR_IMPORTER", importer.string());
    else report.lacking("UI_DOCTOR_IMPORTER", report.say("UI_DOCTOR_NO_IMPORTER"));

    if (auto district = district::findDistrict("nanmatou"); !district) report.lacking("UI_DOCTOR_DISTRICT", report.say("UI_DOCTOR_NO_DISTRICT"));
    else report.good("UI_DOCTOR_DISTRICT", district->string());
    if (auto state = platform::stateFolder()) report.good("UI_DOCTOR_STATE", state->string());
    else report.lacking("UI_DOCTOR_STATE", core::describe(state.error(), report.language()));
}

} // namespace

int runDoctor(const Arguments& arguments, Language language) {
    CLI::App app(core::text(language, "UI_COMMAND_DOCTOR", {}), "matou doctor");
    dress(app, language);
    app.footer(core::text(language, "UI_HELP_DOCTOR_FOOTER", {}));
    if (const int status = parse(app, "matou doctor", arguments, language); status >= 0) return status;
    Report report(language);
    report.good("UI_DOCTOR_VERSION", versionLine("matou"));
    machine(report);
    graphics(report);
    surroundings(report);
    if (report.missingCount() == 0) {
        std::printf("%s\n", report.say("UI_DOCTOR_READY").c_str());
        return kSuccess;
    }
    std::printf("%s\n", report.say("UI_DOCTOR_NOT_READY", {std::to_string(report.missingCount())}).c_str());
    return kFailure;
}

} // namespace matou::apps
