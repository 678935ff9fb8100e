#pragma once
// proposals/*.toml and storyboards/*.toml.

#include <filesystem>

#include "core/result.h"
#include "district/district.h"

namespace matou::district {

/// `folder` is the district's: models are named from there. Errors as District::open.
core::Result<Proposal> readProposal(const std::filesystem::path& path, const std::filesystem::path& folder,
                                    core::Diagnostics&);
core::Result<Storyboard> readStoryboard(const std::filesystem::path& path, const std::filesystem::path& folder,
                                        core::Diagnostics&);

} // namespace matou::district
