#pragma once
// Failure that the world may cause is in the signature: Result<T>.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace matou::core {

/// What went wrong and where. The text that people read is made at the edge, in their language, from the catalogue
/// (core/messages.h) by `code` and `arguments`.
struct Error {
    /// A stable word such as "E_GLB_TRUNCATED"; it never changes with the language.
    std::string code;
    /// Fill {0}, {1}, … of the catalogue's text.
    std::vector<std::string> arguments;
    /// `FILE`, `FILE:byte N`, `FILE:LINE:COL`, `FILE#/json/pointer`, a URL, or `topic T`.
    std::string where;
    /// The failure below this one, if any.
    std::shared_ptr<const Error> cause;
};

template <typename T>
using Result = tl::expected<T, Error>;

/// `return fail("E_X", where, {arguments…});` from any function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(std::string code, std::string where, std::vector<std::string> arguments = {}) {
    return tl::unexpected<Error>(Error{std::move(code), std::move(arguments), std::move(where), nullptr});
}

/// Wraps a lower error: the same failure seen from one floor up.
[[nodiscard]] inline tl::unexpected<Error> failBecause(Error cause, std::string code, std::string where,
                                                       std::vector<std::string> arguments = {}) {
    return tl::unexpected<Error>(
        Error{std::move(code), std::move(arguments), std::move(where), std::make_shared<const Error>(std::move(cause))});
}

/// What did not stop the work but must be said: a value came out, with these remarks.
using Diagnostics = std::vector<Error>;

} // namespace matou::core

/// Declares `variable` from a Result expression, or returns its error from the enclosing function.
#define MATOU_TRY(variable, expression)                                                                                \
    auto variable##Result = (expression);                                                                              \
    if (!variable##Result) return tl::unexpected<::matou::core::Error>(std::move(variable##Result).error());           \
    auto variable = std::move(*variable##Result)

/// The same for Result<void>.
#define MATOU_CHECK(expression)                                                                                        \
    do {                                                                                                               \
        auto matouCheckResult = (expression);                                                                          \
        if (!matouCheckResult)                                                                                         \
            return tl::unexpected<::matou::core::Error>(std::move(matouCheckResult).error());                          \
    } while (false)
