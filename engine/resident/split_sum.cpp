#include "resident/split_sum.h"

#include <algorithm>
#include <cmath>

#ifndef MATOU_NO_EMBEDDED_TABLE
#include "core/embedded.h"
namespace matou::assets {
extern const std::span<const EmbeddedFile> kResidentTables;
}
#endif

namespace matou::resident {
namespace {

constexpr double kPi = 3.14159265358979323846;

struct Nodes {
    std::vector<double> at, weight; // on 0..1
};

/// Gauss-Legendre by Newton's method on the polynomial.
Nodes gauss(int n) {
    Nodes out;
    for (int i = 0; i < n; ++i) {
        double x = std::cos(kPi * (i + 0.75) / (n + 0.5)), slope = 1;
        for (int step = 0; step < 8; ++step) {
            double p0 = 1, p1 = x;
            for (int k = 2; k <= n; ++k) {
                const double p2 = ((2 * k - 1) * x * p1 - (k - 1) * p0) / k;
                p0 = p1;
                p1 = p2;
            }
            slope = n * (x * p1 - p0) / (x * x - 1);
            x -= p1 / slope;
        }
        out.at.push_back(0.5 * (1 - x));
        out.weight.push_back(1 / ((1 - x * x) * slope * slope));
    }
    return out;
}

double lambda(double cosine, double a2) {
    const double c2 = cosine * cosine;
    return 0.5 * (std::sqrt(1 + a2 * (1 - c2) / c2) - 1);
}

/// Integral of D·cos over the hemisphere with Neubelt's visibility, for sheen of colour 1.
double charlie(double nv, double roughness, const Nodes& nodes) {
    const double inverse = 1 / std::max(roughness * roughness, 0.0049);
    double sum = 0;
    for (std::size_t i = 0; i < nodes.at.size(); ++i)
        for (std::size_t j = 0; j < nodes.at.size(); ++j) {
            const double nl = nodes.at[i], phi = kPi * nodes.at[j];
            const double sl = std::sqrt(1 - nl * nl), sv = std::sqrt(1 - nv * nv);
            const glm::dvec3 l(sl * std::cos(phi), sl * std::sin(phi), nl), v(sv, 0, nv);
            const double nh = std::min(1.0, glm::normalize(l + v).z);
            const double d = (2 + inverse) * std::pow(std::sqrt(std::max(0.0, 1 - nh * nh)), inverse) / (2 * kPi);
            sum += nodes.weight[i] * nodes.weight[j] * d / (4 * (nl + nv - nl * nv)) * nl * 2 * kPi;
        }
    return sum;
}

double fifth(double x) { return x * x * x * x * x; }

glm::dvec3 integrate(double cosine, double roughness, const Nodes& nodes) {
    const double nv = std::clamp(cosine, 1e-3, 1.0), a = std::max(roughness * roughness, 1e-4), a2 = a * a;
    const glm::dvec3 v(std::sqrt(1 - nv * nv), 0, nv);
    const glm::dvec3 stretched = glm::normalize(glm::dvec3(a * v.x, 0, v.z));
    const glm::dvec3 t1(0, 1, 0), t2 = glm::cross(stretched, t1); // v lies in the x-z plane
    double scale = 0, bias = 0;
    const double seen = 1 + lambda(nv, a2);
    for (std::size_t i = 0; i < nodes.at.size(); ++i)
        for (std::size_t j = 0; j < nodes.at.size(); ++j) {
            // A disc of visible normals; both halves are alike by the mirror at the plane of sight.
            // Radius by its sine, which keeps the integrand smooth at the rim.
            const double turn = 0.5 * kPi * nodes.at[i], r = std::sin(turn), phi = kPi * (nodes.at[j] - 0.5);
            const double area = kPi * r * std::cos(turn);
            const double p1 = r * std::cos(phi), s = 0.5 * (1 + stretched.z);
            const double p2 = (1 - s) * std::sqrt(1 - p1 * p1) + s * r * std::sin(phi);
            const glm::dvec3 n = p1 * t1 + p2 * t2 + std::sqrt(std::max(0.0, 1 - p1 * p1 - p2 * p2)) * stretched;
            const glm::dvec3 h = glm::normalize(glm::dvec3(a * n.x, a * n.y, std::max(1e-9, n.z)));
            const double vh = glm::dot(v, h);
            const double nl = 2 * vh * h.z - nv;
            if (nl <= 0) continue;
            const double share = nodes.weight[i] * nodes.weight[j] * area * seen / (1 + lambda(nv, a2) + lambda(nl, a2));
            const double f = fifth(1 - std::clamp(vh, 0.0, 1.0));
            scale += share * (1 - f);
            bias += share * f;
        }
    return {scale, bias, 0};
}

} // namespace

glm::dvec3 splitSum(double cosine, double roughness, int points) {
    const auto nodes = gauss(points);
    auto out = integrate(cosine, roughness, nodes);
    out.z = charlie(std::max(cosine, 1e-3), roughness, nodes);
    return out;
}

std::vector<glm::vec4> splitSumTable(std::uint32_t size) {
    const auto nodes = gauss(40);
    std::vector<glm::vec4> table;
    table.reserve(std::size_t{size} * size);
    for (std::uint32_t y = 0; y < size; ++y)
        for (std::uint32_t x = 0; x < size; ++x) {
            const double root = x / (size - 1.0), roughness = y / (size - 1.0);
            auto entry = integrate(root * root, roughness, nodes);
            entry.z = charlie(std::max(root * root, 1e-3), roughness, nodes);
            table.emplace_back(glm::vec3(entry), 1.0f);
        }
    return table;
}

#ifndef MATOU_NO_EMBEDDED_TABLE
std::span<const std::byte> embeddedSplitSum() { return std::as_bytes(assets::kResidentTables.front().bytes); }
#endif

} // namespace matou::resident
