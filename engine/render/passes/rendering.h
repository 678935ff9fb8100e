#pragma once
// Beginning a pass: attachments of dynamic rendering with one viewport.

#include <glm/glm.hpp>

#include "render/context.h"

namespace matou::render {

struct Attachment {
    VkImageView view = VK_NULL_HANDLE;
    VkAttachmentLoadOp load = VK_ATTACHMENT_LOAD_OP_CLEAR;
    VkClearValue clear{};
};

/// `area`: x, y, width, height, also the viewport. Either attachment may be null. What is drawn is kept.
inline void beginRendering(VkCommandBuffer commands, glm::ivec4 area, const Attachment* color, const Attachment* depth) {
    const auto info = [](const Attachment& a, VkImageLayout layout) {
        VkRenderingAttachmentInfo i{VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO};
        i.imageView = a.view;
        i.imageLayout = layout;
        i.loadOp = a.load;
        i.storeOp = VK_ATTACHMENT_STORE_OP_STORE;
        i.clearValue = a.clear;
        return i;
    };
    VkRenderingAttachmentInfo colorInfo{}, depthInfo{};
    VkRenderingInfo rendering{VK_STRUCTURE_TYPE_RENDERING_INFO};
    rendering.renderArea = {{area.x, area.y}, {static_cast<std::uint32_t>(area.z), static_cast<std::uint32_t>(area.w)}};
    rendering.layerCount = 1;
    if (color != nullptr) {
        colorInfo = info(*color, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL);
        rendering.colorAttachmentCount = 1;
        rendering.pColorAttachments = &colorInfo;
    }
    if (depth != nullptr) {
        depthInfo = info(*depth, VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL);
        rendering.pDepthAttachment = &depthInfo;
    }
    vkCmdBeginRendering(commands, &rendering);
    setViewport(commands, area);
}

} // namespace matou::render
