#include "model/join_contents.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <glm/gtc/matrix_transform.hpp>

namespace matou::model {

Content joined(std::vector<Content> contents) {
    Content out = std::move(contents.front());
    for (std::size_t i = 1; i < contents.size(); ++i) {
        auto& in = contents[i];
        const auto primitives = static_cast<std::uint32_t>(out.primitives.size()), materials = static_cast<std::uint32_t>(out.materials.size());
        const auto images = static_cast<std::int32_t>(out.images.size());
        const auto rows = out.features.count;
        const glm::vec3 shift(in.rtcCenter - out.rtcCenter);
        for (auto& primitive : in.primitives) {
            primitive.material += materials;
            for (auto& vertex : primitive.vertices)
                if (vertex.feature != kNoFeature) vertex.feature += rows;
            out.primitives.push_back(std::move(primitive));
        }
        for (auto instance : in.instances) {
            instance.primitive += primitives;
            if (instance.feature != kNoFeature) instance.feature += rows;
            instance.contentFromMesh = glm::translate(glm::mat4(1.0f), shift) * instance.contentFromMesh;
            out.instances.push_back(instance);
        }
        for (auto& material : in.materials) {
            for (auto* texture : material.textures())
                if (texture->image >= 0) texture->image += images;
            if (material.lobes)
                for (auto* texture : material.lobes->textures())
                    if (texture->image >= 0) texture->image += images;
            out.materials.push_back(std::move(material));
        }
        for (auto light : in.lights) {
            if (out.lights.size() == kLightsPerContent) break;
            light.contentFromLight = glm::translate(glm::mat4(1.0f), shift) * light.contentFromLight;
            out.lights.push_back(light);
        }
        out.rig.reset(); // contents of one tile that move each by itself: none known; they stand as they are at rest
        std::move(in.images.begin(), in.images.end(), std::back_inserter(out.images));
        std::move(in.diagnostics.begin(), in.diagnostics.end(), std::back_inserter(out.diagnostics));
        out.features.ids.insert(out.features.ids.end(), in.features.ids.begin(), in.features.ids.end());
        out.features.count += in.features.count;
        for (auto& [name, column] : in.features.columns) { // as text: kinds may differ between contents
            std::vector<std::string> text(out.features.count);
            for (std::uint32_t row = 0; row < rows; ++row) text[row] = propertyText(out.features, name, row);
            for (std::uint32_t row = 0; row < in.features.count; ++row) text[rows + row] = propertyText(in.features, name, row);
            out.features.columns[name] = std::move(text);
        }
        out.minimum = glm::min(out.minimum, in.minimum + shift);
        out.maximum = glm::max(out.maximum, in.maximum + shift);
    }
    return out;
}

} // namespace matou::model
