// serve, simulate, replay and audit without the rest of the command line.

#include <cstdio>
#include <string>
#include <vector>

#include "service/commands.h"

int main(int count, char** values) {
    const std::vector<std::string> arguments(values + (count > 1 ? 2 : 1), values + count);
    const std::string command = count > 1 ? values[1] : "";
    if (command == "serve") return matou::service::runServe(arguments);
    if (command == "simulate") return matou::service::runSimulate(arguments);
    if (command == "replay") return matou::service::runReplay(arguments);
    if (command == "audit") return matou::service::runAudit(arguments);
    std::fputs("state_side serve|simulate|replay|audit …\n", stderr);
    return 2;
}
