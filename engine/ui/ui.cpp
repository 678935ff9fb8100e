#include "ui/ui.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include <imgui.h>

#include "core/embedded.h"
#include "ui/font_image.h"
#include "ui/input_queue.h"
#include "ui/panels.h"

namespace matou::assets {
extern const std::span<const EmbeddedFile> kMessages;
}

namespace matou::ui {

namespace {

/// ImGui keeps its current context in one place of the process; each entry sets its own.
struct ContextDeleter {
    void operator()(ImGuiContext* context) const { ImGui::DestroyContext(context); }
};

float scaleFor(float wanted, glm::ivec2 framebuffer) {
    if (wanted > 0) return std::clamp(wanted, 0.6f, 6.0f);
    // A picture's height is all that is known of its viewers' distance; steps of 5 % keep fonts from being remade while
    // somebody drags a window's edge.
    const float height = std::min(static_cast<float>(framebuffer.y), static_cast<float>(framebuffer.x) * 0.75f);
    return std::clamp(std::round(height / 1080.0f * 20.0f) / 20.0f, 0.7f, 4.0f);
}

} // namespace

struct UiContext::Impl {
    std::unique_ptr<ImGuiContext, ContextDeleter> context;
    FontSet fonts;
    InputQueue input;
    PanelMemory memory;
    UiOptions options;
    float scale = 1.0f;
    std::vector<glm::vec4> covered;
    core::FeatureKey hovered;
    bool itemActive = false;
    // Names are scanned once per registry and again when the state brings new words.
    std::shared_ptr<const twin::Registry> scannedRegistry;
    std::uint64_t scannedState = 0;

    explicit Impl(FontSet set) : fonts(std::move(set)) {}

    void want(const twin::Name& name, bool large = false) {
        fonts.want(name.zh, large);
        fonts.want(name.en, large);
    }

    /// Every text that this frame may show is looked through before it, because glyphs cannot be added within a frame.
    void scan(const UiModel& model) {
        want(model.district, true);
        want(model.notice);
        for (const auto& scene : model.scenes) want(scene.name);
        for (const auto& layer : model.layers) {
            want(layer.name);
            fonts.want(layer.id);
        }
        for (const auto& choice : model.planner.proposals) want(choice.name);
        want(model.presenter.title);
        want(model.presenter.caption, true);
        fonts.want(model.selection.title);
        fonts.want(model.selection.subtitle);
        for (const auto& row : model.selection.rows)
            for (const auto* text : {&row.name, &row.value, &row.unit, &row.source, &row.age}) fonts.want(*text);
        if (!model.state || (model.state->version == scannedState && model.state->registry == scannedRegistry)) return;
        scannedState = model.state->version;
        for (const auto& alarm : model.state->alarms) {
            want(alarm.title);
            fonts.want(alarm.source);
            for (const auto& comment : alarm.comments) fonts.want(comment);
        }
        for (const auto& feed : model.state->feeds) fonts.want(feed.lastError);
        for (const auto& project : model.state->projects)
            if (project) {
                fonts.want(project->phase);
                fonts.want(project->note);
            }
        if (model.state->registry == scannedRegistry || !model.state->registry) return;
        scannedRegistry = model.state->registry;
        for (const auto& zone : scannedRegistry->zones) want(zone.name);
        for (const auto& sensor : scannedRegistry->sensors) {
            want(sensor.name);
            fonts.want(sensor.property);
        }
        for (const auto& camera : scannedRegistry->cameras) want(camera.name);
        for (const auto& project : scannedRegistry->projects) {
            want(project.name);
            fonts.want(project.department);
            for (const auto& phase : project.phases) fonts.want(phase.name);
        }
    }

    /// Anything but live is framed, so that nobody takes a replay or a drill for the present.
    static void modeFrame(Kit& kit, const UiModel& model) {
        if (!model.state || model.state->mode == "live" || model.state->mode.empty()) return;
        const bool drill = model.state->mode == "drill";
        kit.frame(kit.screen.inset(kit.px(3)), kit.palette.accent, 0, kit.px(6));
        const std::string words = kit.words(drill ? "UI_MODE_DRILL" : "UI_MODE_REPLAY");
        const float w = kit.width(Type::heading, words) + kit.px(40), h = kit.px(44);
        const Rect plate{(kit.screen.w - w) * 0.5f, kit.screen.h - h - kit.px(46), w, h};
        kit.fill(plate, kit.palette.accent, h * 0.5f);
        kit.textIn(plate, Type::heading, kit.palette.accentInk, words, Align::center);
    }

    void commandCenter(Kit& kit, const UiModel& model) {
        Layout layout = topBar(kit, model, TopBarKind::command);
        layout.bottom = statusStrip(kit, model, memory) - layout.margin;
        alarmList(kit, model, memory, layout);
        const float below = layerList(kit, model, memory, layout) + layout.margin;
        selectionCard(kit, model, memory, {layout.margin, below, kit.px(380), layout.bottom - below});
        heightLegend(kit, model, layout.bottom);
        if (model.past) replayBar(kit, model, layout);
        else modeFrame(kit, model);
    }

    void planner(Kit& kit, const UiModel& model) {
        Layout layout = topBar(kit, model, TopBarKind::planner);
        swipeHandle(kit, model, memory, layout);
        notice(kit, model, layout.bottom);
        layout.bottom -= kit.px(6);
        plannerPanel(kit, model, memory, layout);
        const float w = kit.px(380);
        selectionCard(kit, model, memory, {kit.screen.w - layout.margin - w, layout.top, w, layout.bottom - layout.top});
    }

    void presenter(Kit& kit, const UiModel& model) {
        presenterPanel(kit, model, memory);
        notice(kit, model, kit.screen.h - kit.px(14));
        heightLegend(kit, model, kit.screen.h - kit.px(230)); // above the caption
    }

    void viewer(Kit& kit, const UiModel& model) {
        const float margin = kit.px(16), w = kit.px(380);
        selectionCard(kit, model, memory, {kit.screen.w - margin - w, margin, w, kit.screen.h - 2 * margin});
        notice(kit, model, kit.screen.h - margin);
        heightLegend(kit, model, kit.screen.h - kit.px(60));
    }
};

UiContext::UiContext(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}
UiContext::~UiContext() = default;

core::Result<std::unique_ptr<UiContext>> UiContext::create(const UiOptions& options) {
    MATOU_TRY(fonts, FontSet::open(options.fonts));
    auto impl = std::make_unique<Impl>(std::move(fonts));
    impl->options = options;
    ImGuiContext* previous = ImGui::GetCurrentContext();
    impl->context.reset(ImGui::CreateContext());
    ImGui::SetCurrentContext(impl->context.get());
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.LogFilename = nullptr;
    io.MousePos = ImVec2(-FLT_MAX, -FLT_MAX);
    io.ConfigFlags |= ImGuiConfigFlags_NoMouseCursorChange;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset; // 16-bit indices, more than 64 K vertices
    // Words come from the catalogue; all of it is small enough to be made at once.
    for (const auto& file : assets::kMessages)
        impl->fonts.want(std::string_view(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()));
    impl->fonts.want("ⅠⅡⅢⅣ×·–…△≥≤°℃㎡μ³²←↑→↓", true);
    if (previous != nullptr) ImGui::SetCurrentContext(previous);
    return std::unique_ptr<UiContext>(new UiContext(std::move(impl)));
}

void UiContext::feed(const InputEvent& event) { _impl->input.push(event); }

bool UiContext::wantsPointer() const {
    ImGui::SetCurrentContext(_impl->context.get());
    if (_impl->itemActive) return true;
    const ImVec2 p = ImGui::GetIO().MousePos;
    return std::any_of(_impl->covered.begin(), _impl->covered.end(), [&](const glm::vec4& rect) {
        return p.x >= rect.x && p.y >= rect.y && p.x < rect.x + rect.z && p.y < rect.y + rect.w;
    });
}

bool UiContext::wantsKeyboard() const {
    ImGui::SetCurrentContext(_impl->context.get());
    return ImGui::GetIO().WantTextInput;
}

std::vector<command::Command> UiContext::build(const UiModel& model, Program program, glm::ivec2 framebuffer, double seconds) {
    auto& impl = *_impl;
    ImGui::SetCurrentContext(impl.context.get());
    ImGuiIO& io = ImGui::GetIO();
    const glm::ivec2 size = glm::max(framebuffer, glm::ivec2(1));
    impl.scale = scaleFor(impl.options.scale, size);
    impl.scan(model);
    if (impl.fonts.stale(impl.scale)) impl.fonts.rebuild(*io.Fonts, impl.scale);

    io.DisplaySize = ImVec2(static_cast<float>(size.x), static_cast<float>(size.y));
    io.DeltaTime = static_cast<float>(std::max(seconds, 1e-4));
    impl.memory.seconds += std::max(seconds, 0.0);
    if (impl.input.apply(io)) impl.memory.lastPointer = impl.memory.seconds;

    ImGui::NewFrame();
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(io.DisplaySize);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0.0f);
    ImGui::Begin("panels", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoBringToFrontOnFocus);
    Kit kit(impl.fonts, impl.options.theme, model.language, impl.scale, {0, 0, io.DisplaySize.x, io.DisplaySize.y});
    if (!model.panels) {
        notice(kit, model, kit.screen.h - kit.px(14));
        heightLegend(kit, model, kit.screen.h - kit.px(60)); // above the notice
    } else {
        switch (program) {
        case Program::commandCenter: impl.commandCenter(kit, model); break;
        case Program::planner: impl.planner(kit, model); break;
        case Program::presenter: impl.presenter(kit, model); break;
        case Program::viewer: impl.viewer(kit, model); break;
        }
    }
    ImGui::End();
    ImGui::PopStyleVar(2);
    ImGui::Render();
    impl.itemActive = ImGui::IsAnyItemActive();
    impl.covered = std::move(kit.covered);
    impl.hovered = kit.hovered;

    std::vector<command::Command> commands;
    for (auto& body : kit.commands) commands.push_back({model.user, model.role, "ui", model.now, std::move(body)});
    return commands;
}

ImDrawData* UiContext::drawData() {
    ImGui::SetCurrentContext(_impl->context.get());
    return ImGui::GetDrawData();
}

std::shared_ptr<const FontImage> UiContext::fontImage() const { return _impl->fonts.image(); }
const std::vector<glm::vec4>& UiContext::covered() const { return _impl->covered; }
const core::FeatureKey& UiContext::hovered() const { return _impl->hovered; }
float UiContext::scale() const { return _impl->scale; }
void UiContext::setTheme(symbology::Theme theme) { _impl->options.theme = theme; }
std::size_t UiContext::missingCharacters() const { return _impl->fonts.missing(); }

} // namespace matou::ui
