// matou-import is a program of its own, so that what draws links no GDAL and starts fast.

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

#include "apps/common/command_line.h"
#include "apps/matou/commands.h"

namespace matou::apps {
namespace {

std::filesystem::path importer() {
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "matou-import";
}

/// Replaces this process; gives errno.
int become(const std::string& command, const Arguments& arguments, core::Language language) {
    Arguments words{importer().string(), command};
    words.insert(words.end(), arguments.begin(), arguments.end());
    words.insert(words.end(), {"--lang", language == core::Language::zh ? "zh" : "en"});
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    execv(pointers[0], pointers.data());
    return errno;
}

} // namespace

int becomeImporter(const std::string& command, const Arguments& arguments, core::Language language) {
    const int reason = become(command, arguments, language);
    return report({"E_PROGRAM_START", {std::strerror(reason)}, importer().string(), nullptr}, language);
}

int callImporter(const std::string& command, const Arguments& arguments, core::Language language) {
    const pid_t child = fork();
    if (child == 0) {
        become(command, arguments, language);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
        return report({"E_PROGRAM_START", {std::strerror(errno)}, importer().string(), nullptr}, language);
    return WEXITSTATUS(status);
}

} // namespace matou::apps
