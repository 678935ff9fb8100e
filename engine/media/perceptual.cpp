#include "media/perceptual.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "media/compare.h"

namespace matou::media {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr std::uint32_t kBlock = 16;

using Plane = std::vector<float>;
struct Color {
    double a, b, c;
};

// White of sRGB (D65), as the row sums of its matrix.
constexpr Color kWhite{0.950456, 1.0, 1.089058};

double linearOf(std::uint8_t byte) {
    const double c = byte / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}
Color xyzOf(const Color& rgb) {
    return {0.412391 * rgb.a + 0.357584 * rgb.b + 0.180481 * rgb.c, 0.212639 * rgb.a + 0.715169 * rgb.b + 0.072192 * rgb.c,
            0.019331 * rgb.a + 0.119195 * rgb.b + 0.950532 * rgb.c};
}
Color rgbOf(const Color& xyz) {
    return {3.240970 * xyz.a - 1.537383 * xyz.b - 0.498611 * xyz.c, -0.969244 * xyz.a + 1.875968 * xyz.b + 0.041555 * xyz.c,
            0.055630 * xyz.a - 0.203977 * xyz.b + 1.056972 * xyz.c};
}
/// The opponent space that the eye's contrast sensitivity is measured in.
Color opponentOf(const Color& xyz) {
    const double x = xyz.a / kWhite.a, y = xyz.b / kWhite.b, z = xyz.c / kWhite.c;
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}
Color xyzOfOpponent(const Color& o) {
    const double y = (o.a + 16) / 116;
    return {(y + o.b / 500) * kWhite.a, y * kWhite.b, (y - o.c / 200) * kWhite.c};
}
/// CIELAB with its chroma scaled by lightness: colours of dark things count less (Hunt).
Color huntLabOf(const Color& rgb) {
    const Color xyz = xyzOf(rgb);
    const auto f = [](double t) { return t > 216.0 / 24389.0 ? std::cbrt(t) : (24389.0 / 27.0 * t + 16) / 116; };
    const double x = f(xyz.a / kWhite.a), y = f(xyz.b / kWhite.b), z = f(xyz.c / kWhite.c), l = 116 * y - 16;
    return {l, 0.01 * l * 500 * (x - y), 0.01 * l * 200 * (y - z)};
}
double hyab(const Color& p, const Color& q) { return std::abs(p.a - q.a) + std::hypot(p.b - q.b, p.c - q.c); }

/// `kernel` runs along both axes, `across` along y where given. Edges repeat.
Plane filtered(const Plane& in, std::uint32_t width, std::uint32_t height, const std::vector<double>& along, const std::vector<double>& across) {
    Plane middle(in.size()), out(in.size());
    const auto w = static_cast<std::int64_t>(width), h = static_cast<std::int64_t>(height);
    const auto pass = [&](const Plane& from, Plane& to, const std::vector<double>& kernel, bool vertical) {
        const auto r = static_cast<std::int64_t>(kernel.size() / 2);
        for (std::int64_t y = 0; y < h; ++y)
            for (std::int64_t x = 0; x < w; ++x) {
                double sum = 0;
                for (std::int64_t k = -r; k <= r; ++k) {
                    const std::int64_t sx = vertical ? x : std::clamp<std::int64_t>(x + k, 0, w - 1), sy = vertical ? std::clamp<std::int64_t>(y + k, 0, h - 1) : y;
                    sum += kernel[static_cast<std::size_t>(k + r)] * from[static_cast<std::size_t>(sy * w + sx)];
                }
                to[static_cast<std::size_t>(y * w + x)] = static_cast<float>(sum);
            }
    };
    pass(in, middle, along, false);
    pass(middle, out, across, true);
    return out;
}

/// exp(-pi² x² / b) at x degrees, and the sum.
std::pair<std::vector<double>, double> bell(double b, int radius, double pixelsPerDegree) {
    std::vector<double> kernel;
    double sum = 0;
    for (int i = -radius; i <= radius; ++i) {
        kernel.push_back(std::exp(-kPi * kPi * (i / pixelsPerDegree) * (i / pixelsPerDegree) / b));
        sum += kernel.back();
    }
    for (double& k : kernel) k /= sum;
    return {kernel, sum};
}

/// What the eye still resolves at that distance: table 1 of the paper.
std::array<Plane, 3> seen(const std::array<Plane, 3>& opponent, std::uint32_t width, std::uint32_t height, double ppd) {
    const int radius = static_cast<int>(std::ceil(3 * std::sqrt(0.04 / (2 * kPi * kPi)) * ppd));
    std::array<Plane, 3> out;
    const auto light = bell(0.0047, radius, ppd).first, redGreen = bell(0.0053, radius, ppd).first;
    out[0] = filtered(opponent[0], width, height, light, light);
    out[1] = filtered(opponent[1], width, height, redGreen, redGreen);
    const auto [narrow, narrowSum] = bell(0.04, radius, ppd);
    const auto [wide, wideSum] = bell(0.025, radius, ppd);
    const double a = 34.1 * std::sqrt(kPi / 0.04) * narrowSum * narrowSum, b = 13.5 * std::sqrt(kPi / 0.025) * wideSum * wideSum;
    out[2] = filtered(opponent[2], width, height, narrow, narrow);
    const Plane other = filtered(opponent[2], width, height, wide, wide);
    for (std::size_t i = 0; i < other.size(); ++i) out[2][i] = static_cast<float>((a * out[2][i] + b * other[i]) / (a + b));
    return out;
}

/// Strength of edges and of points in a lightness plane (0..1).
std::pair<Plane, Plane> features(const Plane& lightness, std::uint32_t width, std::uint32_t height, double ppd) {
    const double sigma = 0.5 * 0.082 * ppd;
    const int radius = static_cast<int>(std::ceil(3 * sigma));
    std::vector<double> smooth, first, second;
    for (int i = -radius; i <= radius; ++i) {
        const double g = std::exp(-(i * i) / (2 * sigma * sigma));
        smooth.push_back(g);
        first.push_back(-i * g);
        second.push_back((i * i / (sigma * sigma) - 1) * g);
    }
    const auto balance = [](std::vector<double>& k) { // what adds sums to 1, what takes to -1
        double plus = 0, minus = 0;
        for (const double v : k) (v > 0 ? plus : minus) += v;
        for (double& v : k) v /= v > 0 ? plus : -minus;
    };
    balance(first);
    balance(second);
    double sum = 0;
    for (const double v : smooth) sum += v;
    for (double& v : smooth) v /= sum;
    const auto strength = [&](const std::vector<double>& k) {
        Plane x = filtered(lightness, width, height, k, smooth);
        const Plane y = filtered(lightness, width, height, smooth, k);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::hypot(x[i], y[i]);
        return x;
    };
    return {strength(first), strength(second)};
}

std::array<Plane, 3> opponentPlanes(const Picture& picture) {
    std::array<double, 256> linear;
    for (int i = 0; i < 256; ++i) linear[static_cast<std::size_t>(i)] = linearOf(static_cast<std::uint8_t>(i));
    std::array<Plane, 3> planes;
    for (Plane& plane : planes) plane.resize(std::size_t{picture.width} * picture.height);
    for (std::size_t i = 0; i < planes[0].size(); ++i) {
        const Color o = opponentOf(xyzOf({linear[picture.rgba[i * 4]], linear[picture.rgba[i * 4 + 1]], linear[picture.rgba[i * 4 + 2]]}));
        planes[0][i] = static_cast<float>(o.a);
        planes[1][i] = static_cast<float>(o.b);
        planes[2][i] = static_cast<float>(o.c);
    }
    return planes;
}

Color labAt(const std::array<Plane, 3>& planes, std::size_t i) {
    const Color rgb = rgbOf(xyzOfOpponent({planes[0][i], planes[1][i], planes[2][i]}));
    return huntLabOf({std::clamp(rgb.a, 0.0, 1.0), std::clamp(rgb.b, 0.0, 1.0), std::clamp(rgb.c, 0.0, 1.0)});
}

void findWorstBlock(Perceived& p) {
    for (std::uint32_t y = 0; y < p.height; y += kBlock)
        for (std::uint32_t x = 0; x < p.width; x += kBlock) {
            const std::uint32_t right = std::min(x + kBlock, p.width), low = std::min(y + kBlock, p.height);
            double sum = 0;
            for (std::uint32_t v = y; v < low; ++v)
                for (std::uint32_t u = x; u < right; ++u) sum += p.error[std::size_t{v} * p.width + u];
            const double mean = sum / ((right - x) * (low - y));
            if (mean <= p.worstBlock) continue;
            p.worstBlock = mean;
            p.worstX = x;
            p.worstY = y;
        }
}

} // namespace

core::Result<Perceived> perceive(const Picture& reference, const Picture& test, double ppd) {
    MATOU_TRY(plain, compare(reference, test)); // checks the sizes
    static_cast<void>(plain);
    const std::uint32_t w = reference.width, h = reference.height;
    const auto a = opponentPlanes(reference), b = opponentPlanes(test);
    const auto seenA = seen(a, w, h, ppd), seenB = seen(b, w, h, ppd);
    const auto lightness = [](const Plane& p) {
        Plane out(p.size());
        for (std::size_t i = 0; i < p.size(); ++i) out[i] = (p[i] + 16) / 116;
        return out;
    };
    const auto [edgesA, pointsA] = features(lightness(a[0]), w, h, ppd);
    const auto [edgesB, pointsB] = features(lightness(b[0]), w, h, ppd);
    constexpr double kColorPower = 0.7, kKnee = 0.4, kKneeAt = 0.95;
    const double most = std::pow(hyab(huntLabOf({0, 1, 0}), huntLabOf({0, 0, 1})), kColorPower), knee = kKnee * most;
    Perceived result{w, h, Plane(a[0].size()), 0, 0, 0, 0};
    double sum = 0;
    for (std::size_t i = 0; i < result.error.size(); ++i) {
        const double d = std::pow(hyab(labAt(seenA, i), labAt(seenB, i)), kColorPower);
        const double color = d < knee ? kKneeAt / knee * d : kKneeAt + (d - knee) / (most - knee) * (1 - kKneeAt);
        const double feature = std::sqrt(std::max(std::abs(edgesA[i] - edgesB[i]), std::abs(pointsA[i] - pointsB[i])) / std::numbers::sqrt2);
        const double error = std::clamp(std::pow(color, 1 - std::min(feature, 1.0)), 0.0, 1.0);
        result.error[i] = static_cast<float>(color <= 0 ? 0 : error);
        sum += result.error[i];
    }
    result.mean = sum / static_cast<double>(result.error.size());
    findWorstBlock(result);
    return result;
}

Picture errorPicture(const Perceived& p) {
    Picture picture{p.width, p.height, std::vector<std::uint8_t>(p.error.size() * 4, 255)};
    constexpr double kRamp[5][3] = {{0, 0, 4}, {81, 18, 124}, {183, 55, 121}, {252, 137, 97}, {252, 253, 191}};
    for (std::size_t i = 0; i < p.error.size(); ++i) {
        const double t = std::clamp(static_cast<double>(p.error[i]), 0.0, 1.0) * 4;
        const auto k = std::min<std::size_t>(static_cast<std::size_t>(t), 3);
        for (std::size_t c = 0; c < 3; ++c)
            picture.rgba[i * 4 + c] = static_cast<std::uint8_t>(std::lround(kRamp[k][c] + (kRamp[k + 1][c] - kRamp[k][c]) * (t - static_cast<double>(k))));
    }
    return picture;
}

} // namespace matou::media
