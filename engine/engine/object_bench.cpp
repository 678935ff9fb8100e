#include "engine/object_bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <glm/gtc/matrix_transform.hpp>

#include "geo/frames.h"
#include "render/renderer.h"
#include "render/tiers.h"

namespace matou {
namespace {

using Clock = std::chrono::steady_clock;

constexpr glm::uvec2 kSize{640, 360};
constexpr float kStepMeters = 9.0f; // from object to object

/// A box of its own size with its feet at the origin.
model::Primitive boxOf(int number) {
    const auto half = static_cast<float>(2 + number * 7 % 3) * 0.8f, height = static_cast<float>(3 + number * 13 % 17);
    model::Primitive box;
    for (int axis = 0; axis < 3; ++axis)
        for (int side = -1; side <= 1; side += 2) {
            if (axis == 2 && side < 0) continue; // nobody sees its underside
            const auto first = static_cast<std::uint32_t>(box.vertices.size());
            glm::vec3 normal(0.0f);
            normal[axis] = static_cast<float>(side);
            for (int corner = 0; corner < 4; ++corner) {
                glm::vec3 p(0.0f);
                p[axis] = static_cast<float>(side);
                p[(axis + 1) % 3] = (corner == 1 || corner == 2) == (side > 0) ? 1.0f : -1.0f;
                p[(axis + 2) % 3] = corner >= 2 ? 1.0f : -1.0f;
                model::Vertex vertex;
                vertex.position = {p.x * half, p.y * half, (p.z + 1) * 0.5f * height};
                vertex.normal = glm::i8vec4(normal * 127.0f, 0);
                box.vertices.push_back(vertex);
            }
            for (const std::uint32_t i : {0u, 1u, 2u, 0u, 2u, 3u}) box.indices.push_back(first + i);
        }
    return box;
}

/// Objects `first` to before `end` of a square of `side` objects about the origin.
model::Content contentOf(int first, int end, int side) {
    model::Content content;
    content.materials.resize(2);
    for (model::Material& material : content.materials) material.metallic = 0.0f;
    content.materials[1].doubleSided = true;
    for (int i = first; i < end; ++i) {
        model::Primitive box = boxOf(i);
        box.material = i % 4 == 0 ? 1 : 0;
        content.primitives.push_back(std::move(box));
        model::Instance instance;
        instance.primitive = instance.feature = static_cast<std::uint32_t>(i - first);
        const glm::vec3 place(kStepMeters * static_cast<float>(i % side - side / 2), kStepMeters * static_cast<float>(i / side - side / 2), 0.0f);
        instance.contentFromMesh = glm::rotate(glm::translate(glm::mat4(1.0f), place), static_cast<float>(i), glm::vec3(0, 0, 1));
        content.instances.push_back(instance);
        content.features.ids.push_back(std::to_string(i));
    }
    content.features.count = static_cast<std::uint32_t>(end - first);
    return content;
}

/// Another colour for each object.
std::shared_ptr<const scene::StyleTable> stylesOf(int objects, int round) {
    auto table = std::make_shared<scene::StyleTable>();
    table->styles.resize(static_cast<std::size_t>(objects) + 1);
    for (std::size_t i = 1; i < table->styles.size(); ++i)
        table->styles[i].tint = {static_cast<std::uint8_t>(i * 37 + static_cast<std::size_t>(round + 100) * 50), 120, 90, 200};
    return table;
}

struct Cost {
    double thread = 0, wall = 0; // milliseconds
};

struct Scene {
    ObjectFigures figures;
    std::vector<scene::DrawContent> contents;
    int side = 0;
};

class Bench {
public:
    explicit Bench(const ObjectBenchOptions& options) : _options(options) {}
    core::Result<std::vector<ObjectFigures>> run();

private:
    core::Result<void> fill(Scene& scene, int objects);
    /// One frame; `round` says where the eye is.
    core::Result<Cost> draw(Scene& scene, double round, std::shared_ptr<const scene::StyleTable> styles);

    const ObjectBenchOptions& _options;
    std::unique_ptr<gpu::Device> _device;
    std::unique_ptr<resident::ContentTable> _contents;
    std::unique_ptr<render::Renderer> _renderer;
    geo::Ecef _anchor = geo::ecefFromGeodetic({31.2, 121.5, 4.0});
};

core::Result<void> Bench::fill(Scene& scene, int objects) {
    scene.figures.objects = objects;
    scene.side = static_cast<int>(std::ceil(std::sqrt(objects)));
    for (int first = 0; first < objects; first += _options.perContent) {
        const int end = std::min(first + _options.perContent, objects);
        std::vector<scene::FeatureNumber> numbers;
        for (int i = first; i < end; ++i) numbers.push_back(static_cast<scene::FeatureNumber>(i + 1));
        scene::DrawContent placed;
        MATOU_TRY(handle, _contents->uploadNow(contentOf(first, end, scene.side), numbers));
        placed.content = handle;
        placed.ecefFromContent = geo::ecefFromEnu(_anchor);
        placed.role = scene::LayerRole::model;
        scene.contents.push_back(placed);
    }
    scene.figures.contents = static_cast<int>(scene.contents.size());
    return {};
}

core::Result<Cost> Bench::draw(Scene& of, double round, std::shared_ptr<const scene::StyleTable> styles) {
    scene::FrameSnapshot frame;
    frame.anchor = _anchor;
    frame.neutralEnvironment = true;
    frame.views.emplace_back();
    scene::View& view = frame.views.back();
    const glm::dmat4 enu = geo::ecefFromEnu(_anchor);
    const auto at = [&enu](const glm::dvec3& p) { return geo::Ecef{glm::dvec3(enu * glm::dvec4(p, 1.0))}; };
    // As far from the middle whatever the count: about a third of the smallest square is seen, and 400 m of the others.
    const double turn = 0.02 * round;
    view.eye = geo::eyeFrameLookingAt(at({120 * std::sin(turn), -120 * std::cos(turn), _options.heightMeters}), at({0, 0, 0}), glm::normalize(_anchor.meters));
    view.target = {0, 0, kSize};
    view.planeAspect = static_cast<double>(kSize.x) / kSize.y;
    view.contents = of.contents;
    view.styles = std::move(styles);
    const auto start = Clock::now();
    MATOU_TRY(report, _renderer->render(frame));
    MATOU_CHECK(_renderer->waitForFrame());
    const double wall = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    of.figures.draws = report.draws;
    of.figures.drawCalls = report.drawCalls;
    return Cost{report.cpuMilliseconds, wall};
}

core::Result<std::vector<ObjectFigures>> Bench::run() {
    MATOU_TRY(device, gpu::Device::create({_options.device, false, {}}));
    _device = std::move(device);
    MATOU_TRY(contents, resident::ContentTable::create(*_device));
    _contents = std::move(contents);
    render::RendererOptions rendererOptions;
    rendererOptions.quality = render::qualityFrom(_options.quality).value_or(render::Quality::low);
    rendererOptions.timestamps = false;
    if (_options.occlusionCulling) rendererOptions.occlusionCulling = render::OcclusionCulling::on;
    MATOU_TRY(renderer, render::Renderer::create(*_device, *_contents, kSize, rendererOptions));
    _renderer = std::move(renderer);
    std::vector<Scene> scenes(_options.counts.size());
    for (std::size_t i = 0; i < scenes.size(); ++i) MATOU_CHECK(fill(scenes[i], _options.counts[i]));

    constexpr int kWarm = 3; // pipelines and both frames' memory are made
    for (int frame = -kWarm; frame < _options.frames; ++frame)
        for (Scene& scene : scenes) {
            MATOU_CHECK(draw(scene, frame, nullptr)); // the eye was in another scene
            MATOU_TRY(still, draw(scene, frame, nullptr));
            MATOU_TRY(moving, draw(scene, frame + 0.5, nullptr));
            MATOU_TRY(restyled, draw(scene, frame + 0.75, stylesOf(scene.figures.objects, frame)));
            if (frame < 0) continue;
            scene.figures.still.push_back(still.thread);
            scene.figures.moving.push_back(moving.thread);
            scene.figures.restyled.push_back(restyled.thread);
            scene.figures.picture.push_back(moving.wall);
        }
    std::vector<ObjectFigures> figures;
    for (Scene& scene : scenes) figures.push_back(std::move(scene.figures));
    return figures;
}

} // namespace

core::Result<std::vector<ObjectFigures>> benchObjects(const ObjectBenchOptions& options) { return Bench(options).run(); }

} // namespace matou
