#pragma once
// Property tables of EXT_structural_metadata, and batch tables, as columns of model::FeatureTable. Internal to decode.

#include <cstdint>
#include <string>
#include <vector>

#include "decode/gltf_document.h"
#include "model/content.h"

namespace matou::decode {

/// Collects rows of several tables into one. Columns that a table lacks are filled with NaN, "" or 0.
class FeatureRows {
public:
    /// Rows of property table `index`, added on first use; gives the first row's number, or nothing where the table is unusable
    /// (said in `diagnostics`).
    std::optional<std::uint32_t> propertyTable(const Document& document, std::uint64_t index, const GltfOptions& options,
                                               core::Diagnostics& diagnostics);
    /// Rows without properties: features that have a number only. One block for the content, as large as the largest asked for.
    std::uint32_t anonymous(std::uint32_t count);
    std::uint32_t rows(std::uint64_t table) const;
    std::uint32_t anonymousCount() const { return _anonymousCount; }
    model::FeatureTable finish() &&;

private:
    struct Block {
        std::uint64_t table = 0;
        std::uint32_t first = 0, count = 0;
        std::map<std::string, model::PropertyColumn> columns;
        bool usable = true;
    };
    std::vector<Block> _blocks;
    std::uint32_t _total = 0;
    bool _hasAnonymous = false;
    std::uint32_t _anonymousCount = 0;
};

/// One table decoded. Columns that cannot be read are left out and said.
std::map<std::string, model::PropertyColumn> readPropertyTable(const Document& document, const Json& table, const std::string& pointer, const Json& schema,
                                                               std::uint32_t count, core::Diagnostics& diagnostics);

/// Fills `table.ids` from the column "id" (or the first of "gml:id", "ID", "Id"), else with row numbers.
void fillIds(model::FeatureTable& table);

} // namespace matou::decode
