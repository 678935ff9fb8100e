#include <gtest/gtest.h>

#include "gpu/device_select.h"

using namespace matou;

namespace {

gpu::DeviceDescription device(std::uint32_t number, const char* name, const char* kind,
                              std::vector<std::string> missing = {}) {
    gpu::DeviceDescription d;
    d.number = number;
    d.name = name;
    d.kind = kind;
    d.missing = std::move(missing);
    return d;
}

const std::vector<gpu::DeviceDescription> kThree{device(0, "llvmpipe", "cpu"),
                                                 device(1, "Old Card", "discrete", {"bufferDeviceAddress"}),
                                                 device(2, "Good Card", "integrated")};

} // namespace

TEST(ChooseDevice, prefersTheBestThatIsUsable) {
    EXPECT_EQ(gpu::chooseDevice(kThree, "").value(), 2u);
}

TEST(ChooseDevice, takesNumberOrPartOfName) {
    EXPECT_EQ(gpu::chooseDevice(kThree, "0").value(), 0u);
    EXPECT_EQ(gpu::chooseDevice(kThree, "LLVM").value(), 0u);
}

TEST(ChooseDevice, namesTheMissingFeature) {
    const auto chosen = gpu::chooseDevice(kThree, "old");
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().code, "E_DEVICE_FEATURE");
    EXPECT_EQ(chosen.error().where, "Old Card");
    EXPECT_EQ(chosen.error().arguments.at(0), "bufferDeviceAddress");
}

TEST(ChooseDevice, listsWhatThereIsWhenTheNameIsUnknown) {
    const auto chosen = gpu::chooseDevice(kThree, "nvidia");
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().code, "E_DEVICE_UNKNOWN");
    EXPECT_NE(chosen.error().arguments.at(0).find("Good Card"), std::string::npos);
    EXPECT_EQ(gpu::chooseDevice({}, "").error().code, "E_NO_DEVICE");
}
