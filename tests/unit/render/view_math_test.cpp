#include <gtest/gtest.h>

#include <cmath>

#include "render/view_math.h"

using namespace matou;

namespace {

scene::View viewAt(const geo::Ecef& eye, const geo::Ecef& target) {
    scene::View view;
    view.eye = geo::eyeFrameLookingAt(eye, target, glm::normalize(eye.meters));
    return view;
}
const geo::Ecef kAnchor = geo::ecefFromGeodetic({31.2, 121.5, 4.0});

} // namespace

TEST(ViewMath, twoCentimetresAtEcefScaleStandStillUnderMillimetreSteps) {
    const glm::dmat3 axes = render::shadingAxes(kAnchor);
    const glm::dmat4 frame = geo::ecefFromEnu(kAnchor);
    // A tile with its origin 900 m away; the detail lies 700 m from that origin.
    glm::dmat4 ecefFromContent = frame;
    ecefFromContent[3] = frame * glm::dvec4(600, -670, 0, 1);
    const glm::dvec3 detail(512.125, 480.25, 3.0), next = detail + glm::dvec3(0.02, 0, 0);
    double worst = 0, worstGap = 0;
    for (int step = 0; step < 200; ++step) {
        const geo::Ecef eye{glm::dvec3(frame * glm::dvec4(1100 + 0.001 * step, -195, 2, 1))};
        const glm::mat4 m = render::eyeFromContent(axes, eye, ecefFromContent, glm::dvec3(0));
        const auto host = [&](const glm::dvec3& p) { return glm::vec3(m * glm::vec4(glm::vec3(p), 1.0f)); };
        const auto exact = [&](const glm::dvec3& p) {
            return glm::transpose(axes) *
                   (glm::dvec3(ecefFromContent * glm::dvec4(glm::dvec3(glm::vec3(p)), 1)) - eye.meters);
        };
        worst = std::max(worst, glm::length(glm::dvec3(host(detail)) - exact(detail)));
        worstGap = std::max(worstGap, std::abs(double(glm::length(host(next) - host(detail))) - 0.02));
    }
    EXPECT_LT(worst, 0.001);
    EXPECT_LT(worstGap, 0.001);
}

TEST(ViewMath, depthIsReversedAndInfinite) {
    const scene::View view = viewAt(kAnchor, geo::Ecef{kAnchor.meters + glm::dvec3(100, 0, 0)});
    const glm::mat4 clip =
        render::clipFromEye(render::planeOf(view), render::eyeAxes(render::shadingAxes(kAnchor), view));
    const glm::dmat3 axes = render::shadingAxes(kAnchor);
    const auto depthAt = [&](double distance) {
        const glm::vec3 p = render::eyeFromEcef(axes, kAnchor, geo::Ecef{kAnchor.meters - view.eye.axes[2] * distance});
        const glm::vec4 c = clip * glm::vec4(p, 1.0f);
        return c.z / c.w;
    };
    EXPECT_NEAR(depthAt(view.nearMeters), 1.0, 1e-3);
    EXPECT_GT(depthAt(10), depthAt(20));
    EXPECT_GT(depthAt(100000), 0.0);
}

TEST(ViewMath, halvesOfAPlaneMakeTheWhole) {
    scene::View whole = viewAt(kAnchor, geo::Ecef{kAnchor.meters + glm::dvec3(0, 100, 20)});
    scene::View right = whole;
    right.window = {0.5, 0, 1, 1};
    const render::ViewPlane a = render::planeOf(whole), b = render::planeOf(right);
    EXPECT_NEAR(b.left, 0, 1e-12);
    EXPECT_NEAR(b.right, a.right, 1e-12);
    const render::ViewPlane c = render::cropped(a, {1000, 500}, {500, 0, 500, 500});
    EXPECT_NEAR(c.left, b.left, 1e-12);
    EXPECT_NEAR(c.top, b.top, 1e-12);
}

// Shadows are placed by it: a moved divider must not move a shadow's edge.
TEST(ViewMath, everyPartOfAPlaneHasTheSameWholePlane) {
    scene::View whole, part;
    part.window = {0.25, 0.1, 0.6, 0.9};
    const auto a = render::wholePlaneOf(whole), b = render::wholePlaneOf(part), plane = render::planeOf(whole);
    EXPECT_EQ(a.left, b.left);
    EXPECT_EQ(a.right, b.right);
    EXPECT_EQ(a.bottom, b.bottom);
    EXPECT_EQ(a.top, b.top);
    EXPECT_DOUBLE_EQ(a.left, plane.left);
    EXPECT_DOUBLE_EQ(a.top, plane.top);
    EXPECT_LT(a.left, render::planeOf(part).left);
}

TEST(ViewMath, frustumKeepsWhatIsSeenAndDropsWhatIsNot) {
    const glm::dmat4 frame = geo::ecefFromEnu(kAnchor);
    const scene::View view = viewAt(kAnchor, geo::Ecef{glm::dvec3(frame * glm::dvec4(0, 100, 0, 1))});
    const glm::dmat3 axes = render::shadingAxes(kAnchor);
    const auto frustum = render::frustumOf(render::planeOf(view), render::eyeAxes(axes, view));
    const glm::mat4 m = render::eyeFromContent(axes, view.eye.eye, frame, glm::dvec3(0));
    EXPECT_TRUE(frustum.touches(m, {-1, 50, -1}, {1, 60, 1}));
    EXPECT_FALSE(frustum.touches(m, {-1, -60, -1}, {1, -50, 1}));
    EXPECT_FALSE(frustum.touches(m, {200, 50, -1}, {210, 60, 1}));
    EXPECT_TRUE(frustum.touches(m, {-500, -500, -1}, {500, 500, 1}));
}
