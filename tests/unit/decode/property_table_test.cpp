// Property tables of EXT_structural_metadata: vectors, matrices, arrays, enums, normalisation, offset and scale, no data.

#include <cstring>

#include <gtest/gtest.h>

#include "decode/gltf.h"
#include "support/generated_gltf.h"

using namespace matou;

namespace {

/// A glTF of one point with feature 0 and a table of two rows; columns are put in one by one.
class Table {
public:
    template <typename T>
    int view(std::initializer_list<T> values) {
        while (_binary.size() % 8 != 0) _binary.push_back({});
        const auto at = _binary.size();
        for (const T value : values) {
            const auto* p = reinterpret_cast<const std::byte*>(&value);
            _binary.insert(_binary.end(), p, p + sizeof value);
        }
        _views += (_views.empty() ? "" : ",") + std::string(R"({"buffer":0,"byteOffset":)") + std::to_string(at) + R"(,"byteLength":)" + std::to_string(_binary.size() - at) + "}";
        return _count++;
    }
    void property(const std::string& name, const std::string& definition, const std::string& values) {
        _definitions += (_definitions.empty() ? "\"" : ",\"") + name + "\":{" + definition + "}";
        _values += (_values.empty() ? "\"" : ",\"") + name + "\":{" + values + "}";
    }
    core::Result<model::Content> decode() {
        const int position = view<float>({0, 0, 0}), feature = view<float>({0});
        const auto n = [](auto value) { return std::to_string(value); };
        const std::string json = R"({"asset":{"version":"2.0"},"extensionsUsed":["EXT_mesh_features","EXT_structural_metadata"],"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
            "meshes":[{"primitives":[{"mode":0,"attributes":{"POSITION":0,"_FEATURE_ID_0":1},"extensions":{"EXT_mesh_features":{"featureIds":[{"featureCount":2,"attribute":0,"propertyTable":0}]}}}]}],
            "accessors":[{"bufferView":)" + n(position) + R"(,"componentType":5126,"count":1,"type":"VEC3","min":[0,0,0],"max":[0,0,0]},{"bufferView":)" + n(feature) + R"(,"componentType":5126,"count":1,"type":"SCALAR"}],
            "buffers":[{"byteLength":)" + n(_binary.size()) + R"(}],"bufferViews":[)" + _views + R"(],
            "extensions":{"EXT_structural_metadata":{"schema":{"id":"s","enums":{"e":{"valueType":"UINT8","values":[{"name":"Red","value":1},{"name":"None","value":9}]}},
                "classes":{"c":{"properties":{)" + _definitions + R"(}}}},"propertyTables":[{"class":"c","count":2,"properties":{)" + _values + "}}]}}}";
        return decode::decodeGltf(test::glbOf(json, _binary), "t.glb");
    }

private:
    std::vector<std::byte> _binary;
    std::string _views, _definitions, _values;
    int _count = 0;
};

std::string values(int view) { return R"("values":)" + std::to_string(view); }

} // namespace

TEST(PropertyTable, readsVectorsMatricesAndArrays) {
    Table t;
    t.property("vec", R"("type":"VEC3","componentType":"FLOAT32")", values(t.view<float>({1, 2, 3, 4, 5, 6})));
    t.property("mat", R"("type":"MAT2","componentType":"INT16")", values(t.view<std::int16_t>({1, 2, 3, 4, 5, 6, 7, -8})));
    t.property("fixed", R"("type":"SCALAR","componentType":"UINT8","array":true,"count":2)", values(t.view<std::uint8_t>({1, 2, 3, 4})));
    t.property("free", R"("type":"SCALAR","componentType":"UINT8","array":true)", values(t.view<std::uint8_t>({7, 8, 9})) + R"(,"arrayOffsets":)" + std::to_string(t.view<std::uint32_t>({0, 1, 3})));
    t.property("texts", R"("type":"STRING","array":true)", values(t.view<char>({'a', 'b', 'b', 'c'})) + R"(,"arrayOffsets":)" + std::to_string(t.view<std::uint32_t>({0, 2, 3})) + R"(,"stringOffsets":)" +
                                                               std::to_string(t.view<std::uint32_t>({0, 1, 3, 4})));
    t.property("bits", R"("type":"BOOLEAN","array":true,"count":3)", values(t.view<std::uint8_t>({0b101001})));
    t.property("pairs", R"("type":"VEC2","componentType":"UINT8","array":true,"count":2)", values(t.view<std::uint8_t>({1, 2, 3, 4, 5, 6, 7, 8})));
    const auto content = t.decode();
    ASSERT_TRUE(content) << content.error().code << content.error().where;
    EXPECT_TRUE(content->diagnostics.empty()) << content->diagnostics[0].arguments[0] << content->diagnostics[0].arguments[1];
    const auto text = [&](const char* name, std::uint32_t row) { return model::propertyText(content->features, name, row); };
    EXPECT_EQ(text("vec", 1), "[4, 5, 6]");
    EXPECT_EQ(std::get<model::ListColumn>(content->features.columns.at("vec")).components, 3u);
    EXPECT_EQ(text("mat", 1), "[5, 6, 7, -8]");
    EXPECT_EQ(text("fixed", 1), "[3, 4]");
    EXPECT_EQ(text("free", 0), "[7]");
    EXPECT_EQ(text("free", 1), "[8, 9]");
    EXPECT_EQ(text("texts", 0), "[a, bb]");
    EXPECT_EQ(text("texts", 1), "[c]");
    EXPECT_EQ(text("bits", 0), "[true, false, false]");
    EXPECT_EQ(text("bits", 1), "[true, false, true]");
    EXPECT_EQ(text("pairs", 1), "[5, 6, 7, 8]");
}

TEST(PropertyTable, normalisesScalesAndKnowsNoData) {
    Table t;
    t.property("unit", R"("type":"SCALAR","componentType":"UINT8","normalized":true)", values(t.view<std::uint8_t>({0, 255})));
    t.property("scaled", R"("type":"SCALAR","componentType":"INT16","normalized":true,"offset":10,"scale":2)", values(t.view<std::int16_t>({32767, -32768})));
    t.property("own", R"("type":"SCALAR","componentType":"FLOAT32","offset":1)", values(t.view<float>({1, 2})) + R"(,"offset":100)");
    t.property("gap", R"("type":"SCALAR","componentType":"INT32","noData":-1)", values(t.view<std::int32_t>({-1, 4})));
    t.property("filled", R"("type":"SCALAR","componentType":"INT32","noData":-1,"default":7)", values(t.view<std::int32_t>({-1, 4})));
    t.property("vec", R"("type":"VEC2","componentType":"FLOAT32","scale":[10,100],"noData":[0,0])", values(t.view<float>({1, 2, 0, 0})));
    t.property("kind", R"("type":"ENUM","enumType":"e","noData":"None","default":"Red")", values(t.view<std::uint8_t>({1, 9})));
    const auto content = t.decode();
    ASSERT_TRUE(content) << content.error().code << content.error().where;
    const auto text = [&](const char* name, std::uint32_t row) { return model::propertyText(content->features, name, row); };
    EXPECT_EQ(text("unit", 1), "1");
    EXPECT_EQ(text("scaled", 0), "12");
    EXPECT_EQ(text("scaled", 1), "8"); // never below -1
    EXPECT_EQ(text("own", 1), "102");
    EXPECT_EQ(text("gap", 0), "");
    EXPECT_EQ(text("gap", 1), "4");
    EXPECT_EQ(text("filled", 0), "7");
    EXPECT_EQ(text("vec", 0), "[10, 200]");
    EXPECT_EQ(text("vec", 1), "[, ]");
    EXPECT_EQ(text("kind", 0), "Red");
    EXPECT_EQ(text("kind", 1), "Red");
}

TEST(PropertyTable, leavesOutWhatDoesNotHoldTogether) {
    Table t;
    const auto bytes = t.view<std::uint8_t>({1, 2, 3});
    t.property("short", R"("type":"VEC4","componentType":"UINT8")", values(bytes));
    t.property("huge", R"("type":"SCALAR","componentType":"UINT8","array":true,"count":4294967295)", values(bytes));
    t.property("falling", R"("type":"SCALAR","componentType":"UINT8","array":true)", values(bytes) + R"(,"arrayOffsets":)" + std::to_string(t.view<std::uint32_t>({0, 3, 1})));
    t.property("good", R"("type":"SCALAR","componentType":"UINT8")", values(bytes));
    const auto content = t.decode();
    ASSERT_TRUE(content);
    EXPECT_EQ(content->diagnostics.size(), 3u);
    EXPECT_EQ(content->features.columns.size(), 1u);
}
