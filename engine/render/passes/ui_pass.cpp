#include "render/passes/ui_pass.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include <imgui/imgui.h>

namespace matou::render {

core::Result<void> UiPass::updateFont(const UiDrawData& ui) {
    if (ui.fontPixels == nullptr || ui.fontWidth == 0 || ui.fontHeight == 0) return {};
    if (_font && _fontVersion == ui.fontVersion) return {};
    const std::size_t texels = static_cast<std::size_t>(ui.fontWidth) * ui.fontHeight;
    std::vector<std::uint8_t> rgba(texels * 4, 255);
    if (ui.fontChannels == 4)
        std::memcpy(rgba.data(), ui.fontPixels, rgba.size());
    else
        for (std::size_t i = 0; i < texels; ++i)
            rgba[i * 4 + 3] = ui.fontPixels[i];
    gpu::ImageDescription d;
    d.width = ui.fontWidth;
    d.height = ui.fontHeight;
    MATOU_TRY(image, _context.device.createImage(gpu::ImagePurpose::texture, d, "ui font"));
    MATOU_CHECK(_context.device.upload(image, std::as_bytes(std::span(rgba))));
    _font = std::move(image);
    _fontVersion = ui.fontVersion;
    return {};
}

core::Result<std::uint32_t> UiPass::record(VkCommandBuffer commands, const UiDrawData& ui, glm::uvec2 size,
                                           FrameArena& memory) {
    const ImDrawData& data = *ui.draw;
    if (data.TotalVtxCount == 0 || !_font) return 0u;
    if (!_pipeline) {
        gpu::PipelineDescription d;
        d.name = "ui pipeline";
        d.vertexSpirv = shader("ui.vert");
        d.fragmentSpirv = shader("ui.frag");
        d.layout = _context.pipelineLayout.get();
        d.bindings = {{0, sizeof(ImDrawVert), VK_VERTEX_INPUT_RATE_VERTEX}};
        d.attributes = {{0, 0, VK_FORMAT_R32G32_SFLOAT, offsetof(ImDrawVert, pos)},
                        {1, 0, VK_FORMAT_R32G32_SFLOAT, offsetof(ImDrawVert, uv)},
                        {2, 0, VK_FORMAT_R8G8B8A8_UNORM, offsetof(ImDrawVert, col)}};
        d.colorFormats = {kFinalFormat};
        d.blend = gpu::Blend::alpha;
        MATOU_TRY(made, gpu::makePipeline(_context.device, d));
        _pipeline = std::move(made);
    }
    MATOU_TRY(vertices, memory.allocate(static_cast<std::size_t>(data.TotalVtxCount) * sizeof(ImDrawVert)));
    MATOU_TRY(indices, memory.allocate(static_cast<std::size_t>(data.TotalIdxCount) * sizeof(ImDrawIdx)));
    std::size_t vertexAt = 0, indexAt = 0;
    for (int i = 0; i < data.CmdListsCount; ++i) {
        const ImDrawList& list = *data.CmdLists[i];
        std::memcpy(vertices.mapped + vertexAt * sizeof(ImDrawVert), list.VtxBuffer.Data,
                    static_cast<std::size_t>(list.VtxBuffer.Size) * sizeof(ImDrawVert));
        std::memcpy(indices.mapped + indexAt * sizeof(ImDrawIdx), list.IdxBuffer.Data,
                    static_cast<std::size_t>(list.IdxBuffer.Size) * sizeof(ImDrawIdx));
        vertexAt += static_cast<std::size_t>(list.VtxBuffer.Size);
        indexAt += static_cast<std::size_t>(list.IdxBuffer.Size);
    }
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _pipeline.get());
    vkCmdBindVertexBuffers(commands, 0, 1, &vertices.buffer, &vertices.offset);
    vkCmdBindIndexBuffer(commands, indices.buffer, indices.offset,
                         sizeof(ImDrawIdx) == 2 ? VK_INDEX_TYPE_UINT16 : VK_INDEX_TYPE_UINT32);
    const float push[4] = {2.0f / data.DisplaySize.x, 2.0f / data.DisplaySize.y,
                           -1.0f - 2.0f * data.DisplayPos.x / data.DisplaySize.x,
                           -1.0f - 2.0f * data.DisplayPos.y / data.DisplaySize.y};
    _context.push(commands, push, sizeof(push));
    const float scaleX = static_cast<float>(size.x) / data.DisplaySize.x,
                scaleY = static_cast<float>(size.y) / data.DisplaySize.y;
    std::uint32_t calls = 0, firstIndex = 0;
    std::int32_t firstVertex = 0;
    for (int i = 0; i < data.CmdListsCount; ++i) {
        const ImDrawList& list = *data.CmdLists[i];
        for (const ImDrawCmd& command : list.CmdBuffer) {
            if (command.UserCallback != nullptr || command.ElemCount == 0) continue;
            const int x0 = std::clamp(static_cast<int>(std::floor((command.ClipRect.x - data.DisplayPos.x) * scaleX)),
                                      0, static_cast<int>(size.x));
            const int y0 = std::clamp(static_cast<int>(std::floor((command.ClipRect.y - data.DisplayPos.y) * scaleY)),
                                      0, static_cast<int>(size.y));
            const int x1 = std::clamp(static_cast<int>(std::ceil((command.ClipRect.z - data.DisplayPos.x) * scaleX)),
                                      x0, static_cast<int>(size.x));
            const int y1 = std::clamp(static_cast<int>(std::ceil((command.ClipRect.w - data.DisplayPos.y) * scaleY)),
                                      y0, static_cast<int>(size.y));
            if (x1 == x0 || y1 == y0) continue;
            const VkRect2D scissor{{x0, y0},
                                   {static_cast<std::uint32_t>(x1 - x0), static_cast<std::uint32_t>(y1 - y0)}};
            vkCmdSetScissor(commands, 0, 1, &scissor);
            vkCmdDrawIndexed(commands, command.ElemCount, 1, firstIndex + command.IdxOffset,
                             firstVertex + static_cast<std::int32_t>(command.VtxOffset), 0);
            ++calls;
        }
        firstIndex += static_cast<std::uint32_t>(list.IdxBuffer.Size);
        firstVertex += list.VtxBuffer.Size;
    }
    return calls;
}

} // namespace matou::render
