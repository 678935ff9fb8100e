// Shaders whose constants are set before the driver sees them. That they draw the same is what every picture test says.

#include <cstring>

#include <gtest/gtest.h>

#include "core/embedded.h"
#include "gpu/device.h"
#include "gpu/specialize.h"
#include "render/context.h"

namespace matou::assets {
extern const std::span<const EmbeddedFile> kShaders;
}

using namespace matou;

namespace {

std::vector<std::uint32_t> wordsOf(std::span<const unsigned char> bytes) {
    std::vector<std::uint32_t> words(bytes.size() / 4);
    std::memcpy(words.data(), bytes.data(), words.size() * 4);
    return words;
}

} // namespace

TEST(Specialize, everyShaderStaysValid) {
    auto device = gpu::Device::create({"", true, {}});
    ASSERT_TRUE(device);
    const std::vector<std::vector<std::uint32_t>> sets{{}, {0, 0, 0, 0, 0, 0, 0, 0, 0}, {~0u, 1, 1, 0, 9, 1, 0, 1, 2}, {3, 2, 0, 2, 4, 0, 1, 0, 1}, {0x3f00, 5, 0, 1, 0, 0, 0, 1, 0}, {1, 6, 1, 0, 4, 0, 0, 0, 2}};
    for (const auto& file : assets::kShaders)
        for (const auto& constants : sets) {
            const auto made = gpu::specialized(file.bytes, constants);
            EXPECT_LE(made.size() * 4, file.bytes.size()) << file.name;
            VkShaderModuleCreateInfo info{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
            info.codeSize = made.size() * 4;
            info.pCode = made.data();
            VkShaderModule module = VK_NULL_HANDLE;
            EXPECT_EQ(vkCreateShaderModule((*device)->handle(), &info, nullptr, &module), VK_SUCCESS) << file.name;
            vkDestroyShaderModule((*device)->handle(), module, nullptr);
        }
    EXPECT_EQ((*device)->validationMessageCount(), 0u);
}

TEST(Specialize, leavesOutWhatConstantsRuleOut) {
    const auto bytes = render::shader("scene.frag");
    const auto plain = gpu::specialized(bytes, std::vector<std::uint32_t>(9, 0)), rich = gpu::specialized(bytes, std::vector<std::uint32_t>{~0u, 1, 1, 0, 9, 1, 0, 1, 2});
    EXPECT_LT(plain.size() * 4, bytes.size() * 6 / 10);
    EXPECT_LT(plain.size(), rich.size());
}

TEST(Specialize, leavesAloneWhatHasNoConstants) {
    const auto bytes = render::shader("tonemap.vert"); // writes through pointers into a block
    EXPECT_EQ(gpu::specialized(bytes, std::vector<std::uint32_t>{1, 2}), wordsOf(bytes));
    const auto words = wordsOf(bytes); // what is no shader comes back as it was
    std::vector<unsigned char> broken(bytes.begin(), bytes.end());
    broken[20] = 0, broken[21] = 0, broken[22] = 0, broken[23] = 0; // an instruction of no words
    EXPECT_EQ(gpu::specialized(broken, {}), wordsOf(broken));
}
